# Kept reads who holds which access. Nothing can be changed with this role.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "principal" {
  type        = string
  description = "ARN of the user or role whose credentials Kept has been given."
}

variable "external_id" {
  type        = string
  sensitive   = true
  description = "The external id of the connection; the same in every account."

  validation {
    condition     = length(var.external_id) >= 16
    error_message = "An external id has at least 16 characters."
  }
}

variable "role_name" {
  type        = string
  default     = "KeptReader"
  description = "As the connection's settings name it; the same in every account."
}

variable "organisation_account" {
  type        = bool
  default     = false
  description = "True in the one account in which the organisation and IAM Identity Center are read."
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.principal]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

data "aws_iam_policy_document" "account" {
  statement {
    actions = [
      "iam:GenerateCredentialReport",
      "iam:GenerateServiceLastAccessedDetails",
      "iam:GetAccessKeyLastUsed",
      "iam:GetAccountAuthorizationDetails",
      "iam:GetAccountPasswordPolicy",
      "iam:GetAccountSummary",
      "iam:GetCredentialReport",
      "iam:GetLoginProfile",
      "iam:GetPolicy",
      "iam:GetPolicyVersion",
      "iam:GetServiceLastAccessedDetails",
      "iam:ListAccessKeys",
      "iam:ListMFADevices",
    ]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "organisation" {
  statement {
    actions = [
      "identitystore:DescribeGroup",
      "identitystore:ListGroupMemberships",
      "identitystore:ListUsers",
      "organizations:DescribeOrganization",
      "organizations:ListAccounts",
      "sso:DescribePermissionSet",
      "sso:GetInlinePolicyForPermissionSet",
      "sso:GetPermissionsBoundaryForPermissionSet",
      "sso:ListAccountAssignments",
      "sso:ListAccountsForProvisionedPermissionSet",
      "sso:ListCustomerManagedPolicyReferencesInPermissionSet",
      "sso:ListInstances",
      "sso:ListManagedPoliciesInPermissionSet",
      "sso:ListPermissionSets",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Kept reads who holds which access. Nothing can be changed with this role."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "account" {
  name   = "read-identities"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.account.json
}

resource "aws_iam_role_policy" "organisation" {
  count  = var.organisation_account ? 1 : 0
  name   = "read-organisation"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.organisation.json
}

output "role_arn" {
  value = aws_iam_role.this.arn
}
