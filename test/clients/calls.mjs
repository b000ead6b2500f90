// node calls.mjs NAME: calls a server with Amazon's clients for JavaScript and
// checks its answers. The server and the key are in the environment, as those
// clients read them; ACCOUNT is the account of the key. The account has two
// findings, CVE-2098-0001 and CVE-2098-0002, of an image with one package.
import assert from "node:assert/strict";
import {
  Inspector2Client, CreateConnectorCommand, CreateFilterCommand, DeleteConnectorCommand, DeleteFilterCommand,
  GetConfigurationCommand, GetMemberCommand, ListConnectorScanConfigurationsCommand, ListConnectorsCommand,
  ListFindingsCommand, ListTagsForResourceCommand, UpdateConfigurationCommand, UpdateConnectorCommand,
  UpdateConnectorScanConfigurationCommand, paginateListConnectors, paginateListFindings,
} from "@aws-sdk/client-inspector2";
import AWS from "aws-sdk";

const endpoint = process.env.AWS_ENDPOINT_URL;
const account = process.env.ACCOUNT;
const client = new Inspector2Client({ endpoint, maxAttempts: 1 });
const send = (command) => client.send(command);

const config = `arn:aws:config:us-east-1:${account}:connector/azure/tenant/0a1b2c3d`;
const subscription = "0a1b2c3d-0000-4000-8000-000000000000";

async function connect() {
  const out = await send(new CreateConnectorCommand({
    name: "azure", provider: "AZURE", description: "first",
    providerDetail: { azure: {
      awsConfigConnectorArn: config, azureRegions: ["westeurope"],
      scopeConfiguration: { vmScanning: { scopeType: "SUBSCRIPTION", scopeValues: [subscription] } },
    } },
    tags: { team: "web" },
  }));
  return out.connectorArn;
}

const listed = async () => (await send(new ListConnectorsCommand({}))).items;

async function createConnector() {
  assert.deepEqual(await listed(), []);
  const arn = await connect();
  const [c, ...more] = await listed();
  assert.equal(more.length, 0);
  assert.equal(c.connectorArn, arn);
  assert.equal(c.name, "azure");
  assert.equal(c.enablementStatus, "PENDING_ENABLEMENT");
  assert.equal(c.health.connectorStatus, "PENDING_AUTHORIZATION");
  assert.ok(c.createdAt instanceof Date && !Number.isNaN(c.createdAt.getTime()));
  assert.deepEqual(c.azureRegions, ["westeurope"]);
  assert.deepEqual(c.scopeConfiguration.vmScanning, { scopeType: "SUBSCRIPTION", scopeValues: [subscription], state: "PENDING" });
  assert.deepEqual(c.tags, { team: "web" });
  assert.deepEqual((await send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags, { team: "web" });
  const pages = [];
  for await (const page of paginateListConnectors({ client, pageSize: 1 }, {})) pages.push(...page.items);
  assert.equal(pages.length, 1);
  await refuses("ConflictException", connect());
}

async function updateConnector() {
  const arn = await connect();
  assert.equal((await listed())[0].description, "first");
  await send(new UpdateConnectorCommand({
    connectorArn: arn, description: "second", providerDetail: { azure: { azureRegions: ["westeurope", "northeurope"] } },
  }));
  const [c] = await listed();
  assert.equal(c.description, "second");
  assert.deepEqual(c.azureRegions, ["westeurope", "northeurope"]);
}

async function deleteConnector() {
  const arn = await connect();
  assert.equal((await listed()).length, 1);
  await send(new DeleteConnectorCommand({ connectorArn: arn }));
  assert.deepEqual(await listed(), []);
  await refuses("ResourceNotFoundException", send(new DeleteConnectorCommand({ connectorArn: arn })));
}

async function scanConfiguration() {
  await connect();
  const told = async () => (await send(new ListConnectorScanConfigurationsCommand({}))).scanConfigurations;
  const before = await told();
  assert.equal(before.length, 1);
  assert.equal(before[0].awsConfigConnectorArn, config);
  assert.equal(before[0].scanConfiguration?.containerImageScanning, undefined);
  await send(new UpdateConnectorScanConfigurationCommand({
    awsConfigConnectorArn: config,
    scanConfiguration: { containerImageScanning: { pushDuration: "DAYS_30", pullDuration: "DAYS_14" } },
  }));
  const [after] = await told();
  assert.deepEqual(after.scanConfiguration.containerImageScanning, { pushDuration: "DAYS_30", pullDuration: "DAYS_14" });
}

// refuses checks that a call is refused with this exception, as the client has
// understood it.
async function refuses(name, call) {
  await assert.rejects(call, (e) => {
    assert.equal(e.name, name);
    assert.ok(e.message, "the exception has a message");
    return true;
  });
}

const ids = (list) => list.map((f) => f.packageVulnerabilityDetails.vulnerabilityId);

async function listFindings() {
  const all = [];
  let pages = 0;
  for await (const page of paginateListFindings({ client, pageSize: 1 }, {})) {
    pages++;
    all.push(...page.findings);
  }
  assert.ok(pages >= 2);
  assert.deepEqual(ids(all), ["CVE-2098-0001", "CVE-2098-0002"]);
  for (const f of all) {
    assert.equal(f.status, "ACTIVE");
    assert.equal(f.awsAccountId, account);
    assert.ok(f.firstObservedAt instanceof Date);
    assert.equal(f.resources.length, 1);
    assert.equal(f.resources[0].details.awsEcrContainerImage.repositoryName, "shop/app");
    assert.equal(f.packageVulnerabilityDetails.vulnerablePackages[0].name, "left");
  }
  const where = {
    severity: [{ comparison: "EQUALS", value: "CRITICAL" }],
    resourceType: [{ comparison: "EQUALS", value: "AWS_ECR_CONTAINER_IMAGE" }],
  };
  assert.deepEqual(ids((await send(new ListFindingsCommand({ filterCriteria: where }))).findings), ["CVE-2098-0001"]);
  const sorted = await send(new ListFindingsCommand({ sortCriteria: { field: "VULNERABILITY_ID", sortOrder: "DESC" } }));
  assert.deepEqual(ids(sorted.findings), ["CVE-2098-0002", "CVE-2098-0001"]);
  const { arn } = await send(new CreateFilterCommand({
    name: "quiet", action: "SUPPRESS", filterCriteria: { vulnerabilityId: [{ comparison: "EQUALS", value: "CVE-2098-0001" }] },
  }));
  const active = { findingStatus: [{ comparison: "EQUALS", value: "ACTIVE" }] };
  assert.deepEqual(ids((await send(new ListFindingsCommand({ filterCriteria: active }))).findings), ["CVE-2098-0002"]);
  await send(new DeleteFilterCommand({ arn }));
  assert.deepEqual(ids((await send(new ListFindingsCommand({ filterCriteria: active }))).findings), ["CVE-2098-0001", "CVE-2098-0002"]);
}

// listFindingsOld does it with the SDK of version 2.
async function listFindingsOld() {
  const old = new AWS.Inspector2({ endpoint, maxRetries: 0 });
  const all = [];
  let token;
  do {
    const page = await old.listFindings({ maxResults: 1, nextToken: token }).promise();
    all.push(...page.findings);
    token = page.nextToken;
  } while (token);
  assert.deepEqual(ids(all), ["CVE-2098-0001", "CVE-2098-0002"]);
  const { arn } = await old.createFilter({ name: "old", action: "NONE", filterCriteria: {}, tags: { "a:b/c": "c d" } }).promise();
  assert.deepEqual((await old.listTagsForResource({ resourceArn: arn }).promise()).tags, { "a:b/c": "c d" });
  await old.untagResource({ resourceArn: arn, tagKeys: ["a:b/c"] }).promise();
  assert.deepEqual((await old.listTagsForResource({ resourceArn: arn }).promise()).tags, {});
}

async function exceptions() {
  await refuses("ResourceNotFoundException", send(new GetMemberCommand({ accountId: "999999999999" })));
  await refuses("AccessDeniedException", send(new GetConfigurationCommand({ accountId: "999999999999" })));
  await refuses("AccessDeniedException", send(new UpdateConfigurationCommand({
    accountId: "999999999999", ecrConfiguration: { rescanDuration: "DAYS_30" },
  })));
  await assert.rejects(send(new ListFindingsCommand({ maxResults: 101 })), (e) => {
    assert.equal(e.name, "ValidationException");
    assert.equal(e.reason, "FIELD_VALIDATION_FAILED");
    assert.equal(e.fields[0].name, "maxResults");
    return true;
  });
  const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: "wrong" };
  const wrong = new Inspector2Client({ endpoint, maxAttempts: 1, credentials });
  await refuses("InvalidSignatureException", wrong.send(new ListFindingsCommand({})));
}

const component = (version, ref) => ({
  type: "library", name: "left", version, purl: `pkg:npm/left@${version}`, "bom-ref": ref,
});
const bill = (components) => ({ bomFormat: "CycloneDX", specVersion: "1.5", version: 1, components });

async function scanSbom() {
  const scanner = new AWS.InspectorScan({ endpoint, maxRetries: 0 });
  const scan = async (version, outputFormat) => {
    const sbom = bill([component(version, "left")]);
    return (await scanner.scanSbom({ sbom, outputFormat }).promise()).sbom;
  };
  const found = (list) => list.map((v) => v.id).sort();
  for (const outputFormat of [undefined, "CYCLONE_DX_1_5"]) {
    const bom = await scan("1.0.0", outputFormat);
    assert.equal(bom.specVersion, "1.5");
    assert.deepEqual(found(bom.vulnerabilities), ["CVE-2098-0001", "CVE-2098-0002"]);
    assert.deepEqual(bom.vulnerabilities[0].affects, [{ ref: "left" }]);
  }
  assert.deepEqual(found((await scan("1.3.0", "CYCLONE_DX_1_5")).vulnerabilities), ["CVE-2098-0001"]);
  assert.deepEqual(found((await scan("2.0.0", "CYCLONE_DX_1_5")).vulnerabilities ?? []), []);
  for (const outputFormat of ["INSPECTOR", "INSPECTOR_ALT"]) {
    const { status, inspector } = await scan("1.0.0", outputFormat);
    assert.equal(status, "SBOM parsed successfully, 2 vulnerabilities found");
    assert.deepEqual(found(inspector.vulnerabilities), ["CVE-2098-0001", "CVE-2098-0002"]);
    assert.deepEqual(inspector.vulnerability_count, { critical: 1, high: 0, medium: 1, low: 0 });
  }
  const refused = (sbom) => assert.rejects(scanner.scanSbom({ sbom }).promise(), (e) => {
    assert.equal(e.statusCode, 400);
    assert.equal(e.code, "ValidationException");
    return true;
  });
  await refused({ bomFormat: "other" });
  await refused(bill(Array.from({ length: 5001 }, (_, i) => component(`1.0.${i}`, `c${i}`))));
}

const calls = {
  createConnector, updateConnector, deleteConnector, scanConfiguration, listFindings, listFindingsOld, exceptions, scanSbom,
};
await calls[process.argv[2]]();
