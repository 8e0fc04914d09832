package output

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

func TestTablesAtEveryWidth(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"table", "wide"} {
		for _, width := range []int{0, 80, 120, 200} {
			got := write(t, world(), Options{Format: format, Width: width, Unicode: true})
			golden(t, fmt.Sprintf("%s-%d.txt", format, width), []byte(got))
		}
	}
}

func TestTablesOfEveryKind(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		got := write(t, world(), Options{Kind: kind, Width: 120, Unicode: true})
		golden(t, fmt.Sprintf("table-%s.txt", kind), []byte(got))
	}
}

func TestTableInColourIsTheSameTable(t *testing.T) {
	t.Parallel()
	painted := write(t, world(), Options{Width: 80, Unicode: true, Color: true})
	golden(t, "table-80-color.txt", []byte(painted))
	for _, code := range []string{paint.Bold, paint.Reset, "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"} {
		painted = strings.ReplaceAll(painted, code, "")
	}
	if want := write(t, world(), Options{Width: 80, Unicode: true}); painted != want {
		t.Errorf("without its colours:\n%s\nwant:\n%s", painted, want)
	}
}

func TestTableInASCII(t *testing.T) {
	t.Parallel()
	got := write(t, world(), Options{Width: 80})
	golden(t, "table-80-ascii.txt", []byte(got))
}

func TestTableWithColumnsAskedFor(t *testing.T) {
	t.Parallel()
	got := write(t, world(), Options{
		Unicode: true, Columns: []string{"name", "gpu_type", "gpu_count", "utilization", "price", "tags.env", "attrs.shape", "ocpus_count"},
		Sort: "-cpu,name",
	})
	golden(t, "table-columns.txt", []byte(got))
}

func TestTableSaysWhyCellsAreBlank(t *testing.T) {
	t.Parallel()
	got := write(t, world(), Options{Columns: []string{"name", "cpu", "gpu", "cost", "region"}, Reasons: true, Unicode: true})
	golden(t, "table-reasons.txt", []byte(got))
	if !strings.Contains(got, "CPU: 2 blank: not measured (oracle: throttled, HTTP 429 TooManyRequests)") {
		t.Errorf("reasons are not told in:\n%s", got)
	}
}

func TestFormatsForMachines(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*hub.Snapshot{"world": world(), "complete": complete(), "empty": {At: at(), Done: true}} {
		for _, format := range []string{"json", "yaml", "ndjson", "csv", "markdown"} {
			golden(t, name+"."+strings.ReplaceAll(format, "markdown", "md"), []byte(write(t, s, Options{Format: format})))
		}
	}
	golden(t, "offers.csv", []byte(write(t, world(), Options{Format: "csv", Kind: view.Offers})))
	golden(t, "units.csv", []byte(write(t, world(), Options{Format: "csv", Kind: view.Units})))
	golden(t, "markets.csv", []byte(write(t, world(), Options{Format: "csv", Kind: view.Markets})))
	golden(t, "offers.ndjson", []byte(write(t, world(), Options{Format: "ndjson", Kind: view.Offers})))
}

func TestFooters(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"footer.txt": {Timestamps: true}, "footer-60.txt": {Width: 60, Unicode: true}, "footer-color.txt": {Color: true, Unicode: true},
	} {
		var b bytes.Buffer
		if err := Footer(&b, world(), o); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
	var b bytes.Buffer
	if err := Footer(&b, complete(), Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "footer-complete.txt", b.Bytes())
}
