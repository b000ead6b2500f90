package notify

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/store"
)

// motoScript runs a simulation of AWS that others wrote, sets up a queue behind
// each of a bus, a topic and itself, says where it is, and when told to prints
// what arrived.
const motoScript = `
import sys, json, boto3
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
url = "http://%s:%d" % server.get_host_and_port()
c = lambda name: boto3.client(name, region_name="eu-central-1", endpoint_url=url, aws_access_key_id="x", aws_secret_access_key="y")
sqs, sns, events, hub = c("sqs"), c("sns"), c("events"), c("securityhub")
queues = {n: sqs.create_queue(QueueName=n)["QueueUrl"] for n in ("direct", "topic", "bus")}
queues["fifo"] = sqs.create_queue(QueueName="ordered.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
arn = lambda n: sqs.get_queue_attributes(QueueUrl=queues[n], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
topic = sns.create_topic(Name="findings")["TopicArn"]
sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("topic"), Attributes={"RawMessageDelivery": "true"})
events.create_event_bus(Name="inspector")
events.put_rule(Name="all", EventBusName="inspector", EventPattern=json.dumps({"source": ["aws.inspector2"], "detail-type": ["Inspector2 Finding"], "detail": {"severity": ["HIGH"]}}))
events.put_targets(Rule="all", EventBusName="inspector", Targets=[{"Id": "1", "Arn": arn("bus")}])
hub.enable_security_hub()
print(json.dumps({"url": url, "topic": topic, "queues": queues}), flush=True)
sys.stdin.readline()
out = {}
for n, q in queues.items():
    out[n] = []
    while True:
        got = sqs.receive_message(QueueUrl=q, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get("Messages", [])
        if not got:
            break
        for m in got:
            body = json.loads(m["Body"])
            out[n].append({"arn": body["detail"]["findingArn"], "type": body["detail-type"], "source": body["source"], "resources": body["resources"],
                           "severity": m.get("MessageAttributes", {}).get("severity", {}).get("StringValue", "")})
            sqs.delete_message(QueueUrl=q, ReceiptHandle=m["ReceiptHandle"])
out["hub"] = [{"arn": f["Id"], "type": f["Types"][0], "source": f["GeneratorId"], "resources": [r["Id"] for r in f["Resources"]], "severity": f["Severity"]["Label"]}
              for f in hub.get_findings(MaxResults=100)["Findings"]]
print(json.dumps(out), flush=True)
server.stop()
`

type arrived struct {
	ARN       string   `json:"arn"`
	Type      string   `json:"type"`
	Source    string   `json:"source"`
	Resources []string `json:"resources"`
	Severity  string   `json:"severity"`
}

// TestMoto hands events to the four services as another project simulates them,
// and finds them where a customer would.
func TestMoto(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes long to start")
	}
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import boto3, moto.server").Run(); err != nil {
		t.Skip("python3 has no boto3 and moto with its server")
	}
	cmd := exec.CommandContext(t.Context(), "python3", "-c", motoScript)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_EC2_METADATA_DISABLED=true"}
	var errs strings.Builder
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := json.NewDecoder(stdout)
	var at struct {
		URL    string            `json:"url"`
		Topic  string            `json:"topic"`
		Queues map[string]string `json:"queues"`
	}
	if err := out.Decode(&at); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	list := samples(25)
	for _, c := range []Config{
		{Kind: "eventbridge", Place: "inspector"},
		{Kind: "sns", Place: at.Topic},
		{Kind: "sqs", Place: at.Queues["direct"]},
		{Kind: "sqs", Place: at.Queues["fifo"]},
		{Kind: "securityhub"},
	} {
		c.Name, c.Region, c.Endpoint, c.KeyID, c.Key = "x", "eu-central-1", at.URL, "x", "y"
		sendAll(t, opened(t, c), list)
	}
	if _, err := in.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	var got map[string][]arrived
	if err := out.Decode(&got); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, errs.String())
	}
	for _, place := range []string{"direct", "fifo", "topic", "bus", "hub"} {
		if diff := cmp.Diff(expected(t, place, list), sorted(got[place])); diff != "" {
			t.Errorf("%s: %s", place, diff)
		}
	}
}

// sendAll sends events, again what did not go out in time: the simulation may be
// slow.
func sendAll(t *testing.T, k Sink, list []store.Event) {
	t.Helper()
	for range 5 {
		var again []store.Event
		var last error
		for i, err := range k.send(t.Context(), list).errs {
			if err != nil {
				again, last = append(again, list[i]), err
			}
		}
		if list = again; len(list) == 0 {
			return
		}
		t.Log(last)
	}
	t.Fatalf("%d events did not go out", len(list))
}

// sorted drops what came twice.
func sorted(list []arrived) []arrived {
	slices.SortFunc(list, func(a, b arrived) int { return strings.Compare(a.ARN, b.ARN) })
	return slices.CompactFunc(list, func(a, b arrived) bool { return a.ARN == b.ARN })
}

// expected returns what should arrive of events at a place.
func expected(t *testing.T, place string, list []store.Event) []arrived {
	t.Helper()
	var out []arrived
	for _, e := range list {
		c, err := contentOf(e)
		if err != nil {
			t.Fatal(err)
		}
		a := arrived{e.Subject, FindingEvent, Source, c.Resources, "HIGH"}
		switch place {
		case "bus":
			a.Severity = "" // events have no attributes
		case "hub":
			a.Type, a.Source = hubTypes[store.PackageFinding], "AWSInspector"
			if strings.HasPrefix(c.Resources[0], "i-") {
				a.Resources = []string{"arn:aws:ec2:eu-central-1:111122223333:" + c.Resources[0]}
			}
		}
		out = append(out, a)
	}
	return sorted(out)
}
