package server

var startRoutes []route
