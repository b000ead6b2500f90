// node check.mjs FORMAT FILE...: checks documents by the schemas of those who
// define the format. Prints what is wrong and exits with 1 if anything is.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";

const require = createRequire(import.meta.url);

// sarif checks by the schema that comes with Microsoft's matchers for SARIF,
// and by what GitHub's code scanning demands beyond it.
// Source: GitHub, "SARIF support for code scanning".
function sarif() {
  const ajv = new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  const check = ajv.compile(require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
  return (text) => {
    const log = JSON.parse(text);
    return check(log) ? github(log) : check.errors;
  };
}

function github(log) {
  const errors = [];
  const demand = (ok, text) => ok || errors.push(text);
  for (const run of log.runs) {
    const rules = run.tool.driver.rules;
    demand(rules.length <= 25000, "more than 25,000 rules");
    demand(run.results.length <= 25000, "more than 25,000 results");
    for (const r of rules) {
      demand(r.shortDescription.text.length <= 1024, `${r.id}: long shortDescription`);
      demand(r.fullDescription.text.length <= 1024, `${r.id}: long fullDescription`);
      demand(r.help?.text, `${r.id}: no help`);
      demand(r.properties.tags.includes("security"), `${r.id}: not tagged security`);
      demand(r.properties.tags.length <= 10, `${r.id}: too many tags`);
      const severity = r.properties["security-severity"];
      demand(severity === undefined || (/^\d+\.\d$/.test(severity) && Number(severity) <= 10),
        `${r.id}: security-severity ${severity}`);
    }
    const prints = new Set();
    for (const r of run.results) {
      demand(rules[r.ruleIndex]?.id === r.ruleId, `${r.ruleId}: ruleIndex names another rule`);
      demand(r.message.text, `${r.ruleId}: no message`);
      const place = r.locations[0]?.physicalLocation;
      demand(place?.artifactLocation.uri, `${r.ruleId}: no place`);
      demand(!/^([a-z][a-z0-9+.-]*:|\/)/i.test(place?.artifactLocation.uri), `${r.ruleId}: the place is not relative`);
      demand(place?.region?.startLine >= 1, `${r.ruleId}: no line`);
      const print = r.partialFingerprints?.primaryLocationLineHash;
      demand(print && !prints.has(print), `${r.ruleId}: fingerprint ${print} is missing or not its own`);
      prints.add(print);
    }
  }
  return errors.length > 0 ? errors : null;
}

// cyclonedx checks by the validator of the CycloneDX project, and that all
// references have a target.
function cyclonedx() {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
  return async (text) => (await validator.validate(text)) ?? references(JSON.parse(text));
}

function references(bom) {
  const refs = new Set();
  const errors = [];
  const define = (ref) => (refs.has(ref) ? errors.push(`${ref} stands for two`) : refs.add(ref));
  for (const c of bom.components ?? []) define(c["bom-ref"]);
  for (const v of bom.vulnerabilities ?? []) define(v["bom-ref"]);
  for (const v of bom.vulnerabilities ?? [])
    for (const a of v.affects) if (!refs.has(a.ref)) errors.push(`${v.id} affects ${a.ref}, which is not there`);
  return errors.length > 0 ? errors : null;
}

// cyclonedx14 checks the lists of packages of SBOM exports.
function cyclonedx14() {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot4);
  return async (text) => await validator.validate(text);
}

const formats = { sarif, cyclonedx, cyclonedx14 };
const [format, ...files] = process.argv.slice(2);
const check = formats[format]();
let failed = 0;
for (const file of files) {
  const errors = await check(readFileSync(file, "utf8"));
  if (errors !== null) {
    failed++;
    console.error(file, JSON.stringify(errors, null, 1));
  }
}
console.log(`${files.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
