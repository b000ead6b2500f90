package dockerfile

import (
	"iter"
	"regexp"
	"strings"
	"sync"
)

// instruction is one instruction with all of its lines joined.
type instruction struct {
	first, last int
	name, text  string // the name in upper case
}

// known are the instructions of a Dockerfile.
// Source: Docker, "Dockerfile reference".
var known = map[string]bool{
	"ADD": true, "ARG": true, "CMD": true, "COPY": true, "ENTRYPOINT": true, "ENV": true, "EXPOSE": true, "FROM": true, "HEALTHCHECK": true,
	"LABEL": true, "MAINTAINER": true, "ONBUILD": true, "RUN": true, "SHELL": true, "STOPSIGNAL": true, "USER": true, "VOLUME": true, "WORKDIR": true,
}

var (
	escapeDirective = pattern("(?i)^#\\s*escape\\s*=\\s*([\\\\`])\\s*$")
	directive       = pattern(`^#\s*[a-zA-Z]+\s*=`)
	heredoc         = pattern(`<<(-?)\s*["']?([A-Za-z_][A-Za-z0-9_]*)["']?`)
)

// parse splits a Dockerfile into its instructions. Lines that end in the escape
// character go on; comments and empty lines between them do not count; what
// follows a here-document's mark belongs to the instruction.
func parse(text string) []instruction {
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	escape := escapeOf(lines)
	var out []instruction
	for i := 0; i < len(lines); i++ {
		if !written(lines[i]) {
			continue
		}
		in := instruction{first: i + 1}
		var whole string
		whole, i = joined(lines, i, escape)
		if in.name, in.text = word(whole); strings.EqualFold(in.name, "ONBUILD") {
			in.name, in.text = word(in.text)
		}
		if in.name = strings.ToUpper(in.name); in.name == "RUN" || in.name == "COPY" || in.name == "ADD" {
			for _, m := range heredoc().FindAllStringSubmatch(in.text, 16) {
				i = skipHeredoc(lines, i, m[2], &in)
			}
		}
		in.last = i + 1
		out = append(out, in)
	}
	return out
}

// escapeOf returns the character with which a line goes on.
func escapeOf(lines []string) string {
	for _, l := range lines {
		l = strings.TrimSpace(l)
		if m := escapeDirective().FindStringSubmatch(l); m != nil {
			return m[1]
		}
		if !directive().MatchString(l) {
			break
		}
	}
	return `\`
}

// written tells whether a line is neither empty nor a comment.
func written(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && line[0] != '#'
}

// joined returns an instruction that begins at a line with the lines by which it
// goes on, and the number of the last one.
func joined(lines []string, i int, escape string) (string, int) {
	var whole strings.Builder
	for {
		cut, more := strings.CutSuffix(strings.TrimSpace(lines[i]), escape)
		if written(cut) {
			whole.WriteString(cut)
			whole.WriteByte(' ')
		}
		if !more || i+1 >= len(lines) {
			return whole.String(), i
		}
		for i++; i+1 < len(lines) && !written(lines[i]); i++ {
		}
	}
}

// skipHeredoc adds the lines of a here-document to an instruction and returns
// the number of its last line.
func skipHeredoc(lines []string, i int, end string, in *instruction) int {
	var body strings.Builder
	for n := i + 1; n < len(lines); n++ {
		if strings.TrimSpace(lines[n]) == end {
			in.text += "\n" + body.String()
			return n
		}
		body.WriteString(lines[n] + "\n")
	}
	return i // it does not end: it is none
}

// word returns the first word and what follows it.
func word(s string) (first, rest string) {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], strings.TrimSpace(s[i:])
	}
	return s, ""
}

// pairs yields the variables of an ENV or ARG: NAME=VALUE …, or the older NAME
// VALUE.
func pairs(text string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		list := words(text)
		if len(list) > 1 && !strings.Contains(list[0], "=") {
			yield(list[0], strings.Join(list[1:], " "))
			return
		}
		for _, w := range list {
			if name, value, ok := strings.Cut(w, "="); ok && !yield(name, value) {
				return
			}
		}
	}
}

// commands splits the text of a RUN into its commands, each into its words. The
// form of a JSON array is one command. Options of RUN itself, such as --mount,
// are left out.
func commands(text string) [][]string {
	text = strings.TrimSpace(text)
	for strings.HasPrefix(text, "--") {
		_, text = word(text)
	}
	if strings.HasPrefix(text, "[") {
		text = strings.NewReplacer("[", " ", "]", " ", ",", " ").Replace(text)
	}
	var out [][]string
	for _, part := range splitCommands(text) {
		w := words(part)
		for len(w) > 0 && (shellWords[w[0]] || strings.HasPrefix(w[0], "<<")) {
			w = w[1:]
		}
		if len(w) > 2 && (w[0] == "sh" || w[0] == "bash" || w[0] == "/bin/sh" || w[0] == "/bin/bash") && isShort(w[1]) && strings.Contains(w[1], "c") {
			out = append(out, commands(strings.Join(w[2:], " "))...)
			continue
		}
		if len(w) > 0 {
			out = append(out, w)
		}
	}
	return out
}

// shellWords stand before a command and are none.
var shellWords = map[string]bool{
	"if": true, "then": true, "else": true, "elif": true, "do": true, "while": true, "until": true, "!": true, "{": true, "(": true, "time": true, "exec": true, "env": true,
}

// splitCommands cuts a shell's text where one command ends and the next begins,
// outside quotes.
func splitCommands(text string) []string {
	var out []string
	var quote byte
	begin := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == ';' || c == '|' || c == '&' || c == '\n' || c == '(' || c == ')' || c == '`':
			out = append(out, text[begin:i])
			begin = i + 1
		}
	}
	return append(out, text[begin:])
}

// words splits a command at spaces outside quotes, and removes the quotes.
func words(text string) []string {
	var out []string
	var w strings.Builder
	var quote byte
	open := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quote != '\'' && i+1 < len(text):
			i++
			w.WriteByte(text[i])
			open = true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			w.WriteByte(c)
		case c == '\'' || c == '"':
			quote, open = c, true
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			if open || w.Len() > 0 {
				out = append(out, w.String())
			}
			w.Reset()
			open = false
		default:
			w.WriteByte(c)
		}
	}
	if open || w.Len() > 0 {
		out = append(out, w.String())
	}
	return out
}

// isName tells whether a text is the name of a variable.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// pattern returns an expression that is compiled when it is first asked for: most
// runs of the program ask for few.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
