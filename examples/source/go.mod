module example.org/app

go 1.21

require (
	github.com/gin-gonic/gin v1.6.0
	golang.org/x/net v0.7.0
)
