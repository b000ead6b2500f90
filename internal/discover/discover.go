// Package discover finds what is to be watched: the images of registries, and
// what their notifications tell of them; the packages of functions. It says
// what there is, and leaves to others what is done with it.
package discover
