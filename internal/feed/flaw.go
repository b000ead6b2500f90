package feed

// flawFeeds are those that tell more of single CVEs, of software that has no
// package manager, and of the end of support.
var flawFeeds = []format{
	{name: CVE, many: true, keys: isCVERecord, read: readCVE},
	{name: NVD, many: true, keys: isNVD, read: readNVD},
	{name: CPE, keys: isCPEs, read: readCPEs},
	{name: KEV, keys: isKEV, read: readKEV},
	{name: EPSS, text: isEPSS, read: readEPSS},
	{name: Metasploit, many: true, keys: isMetasploit, read: readMetasploit},
	{name: MetasploitModules, keys: isModules, read: readModules},
	{name: ExploitDB, text: isExploitDB, read: readExploitDB},
	{name: EndOfLife, head: isEndOfLife, read: readEndOfLife},
}

// Names of the feeds of configurations.
const (
	NVD = "nvd"
	CPE = "cpe-configurations"
)
