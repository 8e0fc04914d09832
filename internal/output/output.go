// Package output renders a snapshot for people (table, wide, markdown) and for machines (json, ndjson, yaml, csv). It
// reads snapshots and writes to the writer that it is given; it asks nothing and decides nothing about them.
package output

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// Options say how to render.
type Options struct {
	Format     string              // one of Formats; empty = table
	Kind       view.Kind           // what the rows are; json and yaml always hold everything
	Columns    []string            // --columns: of table, wide, markdown and csv
	Class      string              // the class of service in view, "gpu" with --gpu: chooses among Configured
	Configured map[string][]string // output.columns of the configuration: of table and markdown
	Sort       string              // --sort, as view.Select was given it: merges the providers' rows in that order
	Accounts   []string            // --account: json and yaml have results of these alone; empty = all
	Width      int                 // columns of the terminal; 0 = no limit
	Color      bool
	Unicode    bool      // glyphs beyond ASCII
	Compact    bool      // json on one line
	Timestamps bool      // say in the footer when the picture was taken
	Reasons    bool      // say below a table why cells are blank
	Total      int       // rows before view.Select, where that is known: an empty table says it
	Now        time.Time // what ages are counted to; zero = the snapshot's time
}

// Formats lists the formats in the order in which they are shown.
func Formats() []string {
	return []string{"table", "wide", "json", "ndjson", "csv", "yaml", "markdown"}
}

// Write renders a snapshot. It fails where an option is wrong or w does.
func Write(w io.Writer, s *hub.Snapshot, o Options) error {
	if o.Now.IsZero() {
		o.Now = s.At
	}
	switch o.Format {
	case "json":
		return writeJSON(w, s, o)
	case "yaml":
		return writeYAML(w, s, o)
	case "ndjson":
		return writeNDJSON(w, s, o)
	case "csv":
		return writeCSV(w, s, o)
	case "markdown":
		return writeMarkdown(w, s, o)
	case "", "table", "wide":
		return writeTable(w, s, o)
	}
	return fmt.Errorf("--output %q: expected one of %s", o.Format, strings.Join(Formats(), ", "))
}

// painter returns what draws as the options ask for.
func (o *Options) painter() *paint.Painter { return &paint.Painter{Color: o.Color, Unicode: o.Unicode} }

// table returns the rows and columns that the options ask for.
func (o *Options) table(s *hub.Snapshot) (view.Table, error) {
	cols, err := view.Columns(o.Kind, view.Choice{
		Names: o.Columns, Wide: o.Format == "wide", Class: o.Class, Configured: o.Configured,
	})
	if err != nil {
		return view.Table{}, err
	}
	order, err := view.ParseOrder(o.Kind, o.Sort)
	if err != nil {
		return view.Table{}, err
	}
	return view.NewTable(s, o.Kind, cols, order, o.Now), nil
}
