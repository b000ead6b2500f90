package cvss

// Metric is one metric of a vector with its value, both abbreviated: AV, N.
type Metric struct{ Name, Value string }

// Value returns the value of a metric of a vector. It is empty if the vector
// does not define it, its version has no such metric, or it cannot be read.
func Value(vector, name string) string {
	_, m, err := parse(vector)
	if err != nil {
		return ""
	}
	v, err := m.Get(name)
	if err != nil || v == "X" || v == "ND" {
		return ""
	}
	return v
}

// optional are the metrics that a vector of CVSS 2 or 3 need not have: how far
// exploits and repairs are, and what matters at one place only.
// Sources: CVSS v2.0, sections 2.2 and 2.3; CVSS v3.1, sections 3 and 4.
var optional = map[string][]string{
	"2.0": {"E", "RL", "RC", "CDP", "TD", "CR", "IR", "AR"},
	"3.0": {"E", "RL", "RC", "CR", "IR", "AR", "MAV", "MAC", "MPR", "MUI", "MS", "MC", "MI", "MA"},
	"3.1": {"E", "RL", "RC", "CR", "IR", "AR", "MAV", "MAC", "MPR", "MUI", "MS", "MC", "MI", "MA"},
}

// undefined is how a version says that a metric is not defined.
var undefined = map[string]string{"2.0": "ND", "3.0": "X", "3.1": "X"}

// With returns a vector with other values of some metrics, base metrics or the
// maturity of exploits (E), and its score. The score is that of the vector it
// returns: what the publisher says of other optional metrics, which Base does
// not count in versions 2 and 3, is left out.
func With(vector string, set ...Metric) (changed string, score float64, err error) {
	version, m, err := parse(vector)
	if err != nil {
		return "", 0, err
	}
	for _, name := range optional[version] {
		if err := m.Set(name, undefined[version]); err != nil {
			return "", 0, err
		}
	}
	for _, s := range set {
		if err := m.Set(s.Name, s.Value); err != nil {
			return "", 0, err
		}
	}
	return m.Vector(), m.TemporalScore(), nil
}
