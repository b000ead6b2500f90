package main

import (
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/alecthomas/kong"
)

// completionCommand is "assay completion".
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help shows how to use the script.
func (completionCommand) Help() string {
	return `Examples:
  source <(assay completion bash)
  assay completion zsh > "${fpath[1]}/_assay"
  assay completion fish > ~/.config/fish/completions/assay.fish`
}

// scripts are filled with the commands and the words that may follow each.
var scripts = map[string]string{
	"bash": `_assay() {
  local line="${COMP_WORDS[*]:1:COMP_CWORD-1}" words
  case "$line" in
{{- range .}}{{if .Path}}
  "{{.Path}}"*) words="{{.Words}}" ;;{{end}}{{end}}
  *) words="{{(index . 0).Words}}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}") $(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _assay assay
`,
	"zsh": `#compdef assay
_assay() {
  local line="${words[2,CURRENT-1]}" list
  case "$line" in
{{- range .}}{{if .Path}}
  "{{.Path}}"*) list="{{.Words}}" ;;{{end}}{{end}}
  *) list="{{(index . 0).Words}}" ;;
  esac
  compadd -- ${=list}
  _files
}
compdef _assay assay
`,
	"fish": `{{range .}}{{$path := .Path}}{{range .List}}complete -c assay -n '{{if $path}}string match -q -- "assay {{$path}}*" (commandline -cp){{else}}__fish_use_subcommand{{end}}' -a '{{.}}'
{{end}}{{end}}`,
}

// completionNode is one command and the words that may follow it.
type completionNode struct {
	Path string
	List []string
}

// Words joins the list.
func (n completionNode) Words() string { return strings.Join(n.List, " ") }

// Run prints the script.
func (c *completionCommand) Run(k *kong.Kong, e edge) error {
	nodes := walkCommands(k.Model.Node, "")
	t, err := template.New(c.Shell).Parse(scripts[c.Shell])
	if err != nil {
		return fmt.Errorf("reading the script of %s: %w", c.Shell, err)
	}
	// The shells take the first pattern that fits: longer paths come first.
	slices.Reverse(nodes[1:])
	return t.Execute(e.stdout, nodes)
}

func walkCommands(n *kong.Node, path string) []completionNode {
	here := completionNode{Path: path}
	for _, c := range n.Children {
		here.List = append(here.List, c.Name)
	}
	for _, f := range n.Flags {
		here.List = append(here.List, "--"+f.Name)
	}
	out := []completionNode{here}
	for _, c := range n.Children {
		out = append(out, walkCommands(c, strings.TrimSpace(path+" "+c.Name))...)
	}
	return out
}
