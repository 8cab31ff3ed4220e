/** `cycloneDx` of the samples in XML, with what is passed over: a foreign element, an empty one, a service. */
export const cycloneDxXml = `<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" xmlns:x="https://example.com/x" version="1">
  <metadata>
    <tools><components><component type="application"><name>Sample Scanner</name></component></components></tools>
    <licenses/>
  </metadata>
  <components>
    <component type="library" bom-ref="jquery-ref">
      <name>jquery</name>
      <version>3.3.1</version>
      <purl>pkg:npm/jquery@3.3.1</purl>
      <components>
        <component type="library" bom-ref="inner"><group>org.example</group><name>inner</name></component>
      </components>
      <x:version>99</x:version>
    </component>
  </components>
  <services><service><name>passed over</name></service></services>
  <vulnerabilities>
    <vulnerability bom-ref="first">
      <id>CVE-2019-11358</id>
      <references>
        <reference><id>GHSA-6c3j-c64m-qhgq</id><source><name>GitHub</name></source></reference>
      </references>
      <ratings>
        <rating>
          <score>6.1</score>
          <severity>medium</severity>
          <vector>CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N</vector>
        </rating>
      </ratings>
      <description><![CDATA[Prototype pollution]]></description>
      <recommendation>Upgrade to 3.4.0</recommendation>
      <analysis><state>exploitable</state></analysis>
      <affects><target><ref>jquery-ref</ref></target></affects>
    </vulnerability>
    <vulnerability>
      <id>CVE-2020-0001</id>
      <ratings/>
      <analysis><state>not_affected</state><justification>code_not_reachable</justification></analysis>
      <affects><target><ref>inner</ref></target></affects>
    </vulnerability>
    <vulnerability>
      <id>CVE-2020-0002</id>
      <analysis><state>resolved</state></analysis>
      <affects>
        <target>
          <ref>urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg:pypi/django</ref>
          <versions>
            <version><version>3.0.0</version><status>affected</status></version>
            <version><version>3.0.1</version><status>unaffected</status></version>
          </versions>
        </target>
      </affects>
    </vulnerability>
  </vulnerabilities>
</bom>
`;
