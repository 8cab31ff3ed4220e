"""Runs scim2-tester against a server and prints one JSON object a check.

Usage: scim2-tester.py URL TOKEN
"""

import json
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

url, token = sys.argv[1:]
http = Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
for result in check_server(SyncSCIMClient(http)):
    line = {
        "title": result.title,
        "resource": getattr(result, "resource_type", None),
        "status": result.status.name,
        "reason": str(result.reason),
    }
    print(json.dumps(line))
