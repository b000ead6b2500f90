package feed

// flawFeeds are those that tell more of single CVEs.
var flawFeeds = []format{
	{name: CVE, many: true, keys: isCVERecord, read: readCVE},
	{name: KEV, keys: isKEV, read: readKEV},
	{name: EPSS, text: isEPSS, read: readEPSS},
}
