package output

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/view"
)

// writeCSV writes RFC 4180: a header, then one line per row, with CRLF. The columns are always the same, whatever is
// in them, unless they are asked for by name. Numbers are bare and in the unit of their column, times RFC 3339, booleans
// true and false; what is unknown is empty.
func writeCSV(w io.Writer, s *hub.Snapshot, o Options) error {
	names := o.Columns
	if len(names) == 0 {
		names = csvColumns(o.Kind)
	}
	cols, err := view.Columns(o.Kind, view.Choice{Names: names})
	if err != nil {
		return err
	}
	order, err := view.ParseOrder(o.Kind, o.Sort)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(names); err != nil {
		return err
	}
	rows := view.Rows(s, o.Kind, o.Now)
	order.Sort(rows)
	record := make([]string, len(cols))
	for i := range rows {
		for j := range cols {
			c := cols[j].Bare(&rows[i])
			record[j] = bareValue(&c)
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvColumns returns the columns of a kind: names that have the unit in them where there is one.
func csvColumns(kind view.Kind) []string {
	switch kind {
	case view.Offers:
		return strings.Fields(`provider account id gpu_type gpu_count gpu_memory_gb vcpus memory_gb disk_gb region
			price_per_hour price_per_gpu_hour currency available stock tier interruptible reliability_percent quoted_at`)
	case view.Markets:
		return strings.Fields(`provider account gpu_type total available usage_percent p10 p25 median p75 p90 currency quoted_at`)
	case view.Units:
		return strings.Fields(`provider account region compartment service capability state kind calls rows
			took_seconds at cached reason hint`)
	default:
		return strings.Fields(`provider account region compartment service type id name status native_status created_at
			gpu_type gpu_count gpu_memory_gb cpu_usage_percent memory_usage_percent disk_usage_percent
			network_rx_bytes_per_second network_tx_bytes_per_second gpu_usage_percent metrics_at
			cost_hourly cost_hourly_min cost_hourly_max currency tags account_name`)
	}
}

// bareValue returns a cell for machines.
func bareValue(c *view.Cell) string {
	switch c.Type {
	case view.Number:
		return string(appendNumber(nil, c.Num))
	case view.Time:
		whole, part := math.Modf(c.Num)
		return time.Unix(int64(whole), int64(part*1e9)).UTC().Format(time.RFC3339)
	case view.Bool:
		return strconv.FormatBool(c.Num == 1)
	case view.Text:
		return strings.Map(printable, c.Text)
	default:
		return ""
	}
}

// printable replaces the controls that a terminal obeys; line ends and tabs are data.
func printable(r rune) rune {
	if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f || obeyed(r) {
		return utf8.RuneError
	}
	return r
}
