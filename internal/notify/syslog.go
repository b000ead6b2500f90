package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/store"
)

// Limits of syslog.
const (
	maxDatagram  = 8 << 10 // bytes; receivers take 2 KiB at least, and most take this
	local0       = 16
	lastFacility = 23
	closeWithin  = 2 * time.Second // how long the receiver has to say that it has all
	refuseWithin = 20 * time.Millisecond
)

// syslogPorts are the ports that are meant if none is said.
// Source: IANA Service Name and Transport Protocol Port Number Registry; the one
// of TCP is that of syslog-conn, since 514 is another service's.
var syslogPorts = map[string]string{"udp": "514", "tcp": "601", "tls": "6514"}

// syslogTarget reads where messages go.
func syslogTarget(place string) (network, address string, err error) {
	u, err := url.Parse(place)
	if err != nil || u.Hostname() == "" || syslogPorts[u.Scheme] == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return "", "", errors.New("must be udp://host:514, tcp://host:601 or tls://host:6514")
	}
	return u.Scheme, net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), syslogPorts[u.Scheme])), nil
}

func checkSyslog(c *Config) error {
	if _, _, err := syslogTarget(c.Place); err != nil {
		return fault.OnField("place", "%q %v", c.Place, err)
	}
	if c.Facility < 0 || c.Facility > lastFacility {
		return fault.OnField("facility", "must be from 1 to %d; 0 stands for local0", lastFacility)
	}
	return nil
}

// openSyslog returns a sink that sends a message of syslog for each event, whose
// text is a line of JSON.
func openSyslog(c Config) (Sink, error) {
	network, address, err := syslogTarget(c.Place)
	if err != nil {
		return Sink{}, err
	}
	settings, err := c.tls()
	if err != nil {
		return Sink{}, err
	}
	s := syslog{c, network, address, settings}
	if network == "udp" {
		return Sink{batch: 100, send: s.datagrams}, nil
	}
	return Sink{batch: 500, send: s.stream}, nil
}

type syslog struct {
	Config
	network, address string
	settings         *tls.Config
}

// syslogSeverities are the numbers of severities; others are informational.
// Source: RFC 5424, section 6.2.1, table 2.
var syslogSeverities = map[finding.Severity]int{finding.Critical: 2, finding.High: 3, finding.Medium: 4, finding.Low: 5}

const syslogInformational = 6

// message writes an event as a message. It is as short as that if most is not
// 0: then the detail is what matters most of it.
// Source: RFC 5424, section 6.
func (s syslog) message(e store.Event, most int) ([]byte, error) {
	c, err := contentOf(e)
	if err != nil {
		return nil, &refusal{err}
	}
	severity := syslogInformational
	var f toldFinding
	if strings.HasPrefix(e.Kind, "finding.") && json.Unmarshal(c.Detail, &f) == nil {
		severity = cmp.Or(syslogSeverities[f.Severity], syslogInformational)
	}
	write := func(detail json.RawMessage) ([]byte, error) {
		text, err := json.Marshal(line{e.ID, e.At, e.Account.String(), e.Kind, e.Subject, detail})
		if err != nil {
			return nil, &refusal{err}
		}
		head := fmt.Sprintf("<%d>1 %s %s assay - %s - ", cmp.Or(s.Facility, local0)*8+severity, e.At.UTC().Format("2006-01-02T15:04:05.000Z"),
			header(s.Host, 255), header(e.Kind, 32))
		return append([]byte(head), text...), nil
	}
	out, err := write(c.Detail)
	if err != nil || most == 0 || len(out) <= most {
		return out, err
	}
	short := map[string]any{"shortened": true, "title": cut(f.Title, maxTitle), "severity": f.Severity, "status": f.Status, "type": f.Type}
	if len(f.Resources) > 0 {
		short["resource"] = cut(f.Resources[0].ID, maxDescription)
	}
	text, err := json.Marshal(short)
	if err != nil {
		return nil, err
	}
	return write(text)
}

// header writes a text as a field of the head of a message.
func header(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < '!' || r > '~' {
			return '_'
		}
		return r
	}, s)
	return cmp.Or(s[:min(len(s), most)], "-")
}

// datagrams sends events over UDP, where nobody says that they have arrived:
// what is known to be lost is sent again.
func (s syslog) datagrams(ctx context.Context, list []store.Event) answer {
	conn, err := (&net.Dialer{Timeout: answerWithin, Control: notLinkLocal}).DialContext(ctx, "udp", s.address)
	if err != nil {
		return all(len(list), err)
	}
	defer conn.Close()
	errs := make([]error, len(list))
	for i, e := range list {
		text, err := s.message(e, maxDatagram)
		if err == nil {
			_, err = conn.Write(text)
		}
		errs[i] = err
	}
	// A port that nobody listens at is told of by an answer, which a read shows.
	if err := conn.SetReadDeadline(s.now().Add(refuseWithin)); err != nil {
		return all(len(list), err)
	}
	_, err = conn.Read(make([]byte, 1))
	if timeout, ok := errors.AsType[net.Error](err); err != nil && (!ok || !timeout.Timeout()) {
		return all(len(list), err)
	}
	return answer{"sent over UDP: receivers do not answer", errs}
}

// stream sends events over one connection, each with its length before it, and
// waits for the receiver to close it when it has read all.
// Source: RFC 5425, section 4.3; RFC 6587, section 3.4.1.
func (s syslog) stream(ctx context.Context, list []store.Event) answer {
	errs := make([]error, len(list))
	var text bytes.Buffer
	for i, e := range list {
		var m []byte
		if m, errs[i] = s.message(e, 0); errs[i] == nil {
			fmt.Fprintf(&text, "%d ", len(m))
			text.Write(m)
		}
	}
	said, err := s.write(ctx, text.Bytes())
	if err != nil {
		return all(len(list), err)
	}
	return answer{said, errs}
}

// write sends all of a text over a connection of its own.
func (s syslog) write(ctx context.Context, text []byte) (said string, err error) {
	dialer := &net.Dialer{Timeout: answerWithin, Control: notLinkLocal}
	var conn net.Conn
	if s.network == "tls" {
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: s.settings}).DialContext(ctx, "tcp", s.address)
	} else {
		conn, err = dialer.DialContext(ctx, "tcp", s.address)
	}
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if at, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(at); err != nil {
			return "", err
		}
	}
	if _, err := conn.Write(text); err != nil {
		return "", err
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		if err := half.CloseWrite(); err != nil {
			return "", err
		}
	}
	if err := conn.SetReadDeadline(s.now().Add(closeWithin)); err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(conn, maxAnswer))
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return "sent; the receiver has not closed the connection", nil
	}
	if err != nil { // it ended before it had read all
		return "", err
	}
	return "sent and read to the end", nil
}
