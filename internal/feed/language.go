package feed

// languageFeeds are those of the communities of programming languages.
var languageFeeds = []format{}
