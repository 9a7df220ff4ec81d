// What ../install.sh builds: the promtool of Prometheus 3, whose version go.mod pins.

//go:build tools

package tools

import _ "github.com/prometheus/prometheus/cmd/promtool"
