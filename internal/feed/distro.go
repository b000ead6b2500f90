package feed

// distroFeeds are those of distributions.
var distroFeeds = []format{
	{name: DebianDSA, text: isDSA, read: readDSA},
	{name: AlpineSecDB, many: true, keys: isSecDB, read: readSecDB},
}
