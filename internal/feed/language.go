package feed

// languageFeeds are those of the communities of programming languages.
var languageFeeds = []format{
	{name: RustSec, many: true, head: isRustSec, read: readRustSec},
	{name: RubySec, many: true, head: isRubySec, read: readRubySec},
	{name: FriendsOfPHP, many: true, head: isFriendsOfPHP, read: readFriendsOfPHP},
	{name: NodeWG, many: true, keys: isNodeWG, read: readNodeWG},
	{name: RetireJS, keys: isRetireJS, read: readRetireJS},
}

// Names of the feeds of languages.
const (
	RustSec      = "rustsec"
	RubySec      = "rubysec"
	FriendsOfPHP = "friendsofphp"
	NodeWG       = "nodejs-security-wg"
	RetireJS     = "retirejs"
)
