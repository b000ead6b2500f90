package monitor

import "slices"

// Reason is a reason of coverage: why a resource is scanned, or is not.
type Reason struct {
	Name   string `json:"reason"` // in Amazon's words
	Code   string `json:"code"`   // ACTIVE or INACTIVE
	Means  string `json:"means"`
	Remedy string `json:"remedy"` // what to do so that the resource is scanned; empty if there is nothing to do
}

// Reasons returns all reasons of coverage, those that are ACTIVE first.
// Source: Inspector2 API model, ScanStatusReason; Inspector user guide,
// "Assessing Amazon Inspector coverage of your AWS environment".
func Reasons() []Reason { return slices.Clone(reasons) }

// Remedy says what to do about a reason of coverage; empty if there is nothing
// to do, or there is no such reason.
func Remedy(reason string) string {
	for _, r := range reasons {
		if r.Name == reason {
			return r.Remedy
		}
	}
	return ""
}

const (
	active   = "ACTIVE"
	inactive = "INACTIVE"
)

var reasons = []Reason{
	{Successful, active, "The resource is scanned and watched.", ""},
	{PendingInitial, active, "The resource has been found, and its first scan is queued.", ""},
	{"SCAN_IN_PROGRESS", active, "The code repository is being scanned.", ""},
	{PendingRevival, active, "The resource is eligible again, and a scan is queued.", ""},
	{
		OnPush, active, "The repository is scanned on push only: one scan, and no findings of later advisories.",
		"Set the rule of the repository to enhanced scanning.",
	},
	{
		"DEEP_INSPECTION_PACKAGE_COLLECTION_LIMIT_EXCEEDED", active, "The machine has more than 50,000 packages of programming languages; the rest are not looked at.",
		"Have fewer directories inspected, or remove environments that nobody uses.",
	},
	{
		"DEEP_INSPECTION_COLLECTION_TIME_LIMIT_EXCEEDED", active, "To look for packages of programming languages took longer than 15 minutes.",
		"Have fewer directories inspected (UpdateEc2DeepInspectionConfiguration).",
	},
	{"DEEP_INSPECTION_DAILY_SSM_INVENTORY_LIMIT_EXCEEDED", active, "The API has this reason, but nothing gives it.", ""},
	{"DEEP_INSPECTION_NO_INVENTORY", active, "The API has this reason, but nothing gives it.", ""},
	{
		"UNMANAGED_EC2_INSTANCE", inactive, "No agent runs on the machine.",
		"Install the agent, or run assay scan host --server from cron.",
	},
	{
		"NO_INVENTORY", inactive, "The agent is there, but has sent no list of packages.",
		"See on the machine what assay agent status says: the package database may be locked or unreadable.",
	},
	{
		StaleInventory, inactive, "The last inventory of the machine is older than seven days.",
		"See whether the agent, or the cron job that scans the machine, still runs and reaches the server.",
	},
	{"EC2_INSTANCE_STOPPED", inactive, "The API has this reason, but nothing gives it: a machine that is stopped is STALE_INVENTORY a while later.", ""},
	{
		"AGENTLESS_INSTANCE_STORAGE_LIMIT_EXCEEDED", inactive, "The machine has more than 8 volumes, or more than 1,200 GB, which is too much for a scan without an agent.",
		"Install the agent.",
	},
	{"AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED", inactive, "To read the snapshots of the machine took too long.", "Install the agent."},
	{
		UnsupportedOS, inactive, "There are no advisories for the operating system, or none for its architecture.",
		"Upgrade to a release that its publisher still supports, or use an advisory database that has it (assay db build).",
	},
	{
		UnsupportedMedia, inactive, "The image, or one of its layers, is in a format that cannot be read.",
		"Push the image as an OCI or Docker image with layers in tar, gzip or zstd.",
	},
	{"UNSUPPORTED_RUNTIME", inactive, "The API has this reason, but nothing gives it: functions of any runtime are scanned.", ""},
	{UnsupportedCode, inactive, "The code of the function is not a zip archive, or a broken one.", "Upload the package again."},
	{"UNSUPPORTED_LANGUAGE", inactive, "The repository is in a language that is not scanned.", ""},
	{
		ExcludedByTag, inactive, "A tag excludes the resource from scans.",
		"Remove the tag: InspectorEc2Exclusion of a machine; InspectorExclusion of a function.",
	},
	{"SCAN_FREQUENCY_MANUAL", inactive, "The API has this reason, but nothing gives it: images that no rule of their registry includes are left alone.", ""},
	{
		Expired, inactive, "The image was neither pushed nor used for longer than it is scanned again, or the function neither ran nor changed for 90 days.",
		"Push, pull or run it, or hand in a scan of it, and it is scanned again. A longer duration (UpdateConfiguration) keeps others from expiring, but wakes none that have.",
	},
	{"IMAGE_ARCHIVED", inactive, "The API has this reason, but nothing gives it.", ""},
	{AccessDenied, inactive, "The server may not read the resource.", "Correct the credentials of the registry or source, or the policy of what they read."},
	{
		CustomerKey, inactive, "The resource is encrypted with a key of its owner that the server may not use; functions under such a key are never scanned.",
		"Encrypt the resource with a key of the provider, or scan it where it is built (assay scan … --server).",
	},
	{"RESOURCE_TERMINATED", inactive, "The resource is gone; its findings are closed and will be deleted.", ""},
	{PendingDisable, inactive, "The scan type has been switched off; findings are deleted a day later.", "Switch it on again (aws inspector2 enable)."},
	{
		"NO_SCAN_CONFIGURATION_ASSOCIATED", inactive, "No scan configuration is associated with the code repository.",
		"Associate one (BatchAssociateCodeSecurityScanConfiguration).",
	},
	{"INTEGRATION_CONNECTION_LOST", inactive, "The host of the code repository cannot be reached.", "Renew the integration (UpdateCodeSecurityIntegration)."},
	{"RESOURCE_UNMANAGED", inactive, "No agent runs on the machine in another cloud.", "Install the agent, or run assay scan host --server from cron."},
	{"RESOURCE_STOPPED", inactive, "The machine in another cloud is stopped. Its findings stay.", "Start it, and scanning goes on."},
	{InternalError, inactive, "The server failed at the scan; it tries again by itself.", "If it stays so, see assay admin jobs and the log of the server."},
	{ImageSize, inactive, "The image is larger than is allowed (maxImageBytes of its registry; 50 GiB unless set).", "Raise maxImageBytes, or push a smaller image."},
	{"NO_RESOURCES_FOUND", inactive, "The API has this reason, but nothing gives it.", ""},
	{"UNSUPPORTED_CONFIG_FILE", inactive, "The API has this reason, but nothing gives it.", ""},
}
