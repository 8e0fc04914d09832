package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/pkg/nearest"
)

// Kind is what the rows of a table are.
type Kind uint8

// The kinds of rows.
const (
	Resources Kind = iota
	Offers
	Markets
	Units // the ledger
)

// String returns what people call rows of the kind.
func (k Kind) String() string {
	return [...]string{"resources", "offers", "markets", "units"}[k]
}

// Row is one line of a table: the field of its kind is set. Now is the moment that ages are counted to.
type Row struct {
	Resource *cloud.Resource
	Offer    *cloud.Offer
	Market   *cloud.Market // of an offer: the market of its card, nil where there is none
	Unit     *hub.Unit
	Account  string // what people call the row's account; empty where they use its identifier
	Now      time.Time
}

// Set says in which tables a column is shown without being asked for.
type Set uint8

// The sets: each has the columns of those before it.
const (
	Default Set = iota
	Wide
	ByName // only when asked for
)

// Column is one column of a table.
type Column struct {
	Name    string   // "gpu_util": what --columns, --sort and --filter take
	Title   string   // "GPU%"
	Aliases []string // other names that are taken
	Set     Set
	Unit    Unit
	Right   bool   // numbers stand on the right
	Free    bool   // free text, that may be shortened
	Middle  bool   // what identifies is shortened in the middle
	Weight  int    // the least is dropped first where there is no room
	Auto    bool   // not asked for by name: left out where it says nothing
	Several bool   // with Auto: left out unless a provider has several different values
	Beside  string // with Auto: left out where it only repeats the column of this name

	words []string // all that it can say, in lower case; nil = anything
	value func(*Row) Cell
	ident func(*Row) string // what machines know it by, where people see a name; nil = the same
}

// Cell returns the column's value in a row, for people.
func (c *Column) Cell(r *Row) Cell { return c.value(r) }

// Bare returns the column's value in a row for machines: the identifier where people see a name.
func (c *Column) Bare(r *Row) Cell {
	if c.ident != nil {
		return text(c.ident(r))
	}
	return c.value(r)
}

// accountColumn shows what people call an account; filters take its identifier as well.
func accountColumn(c Column, ident func(*Row) string) Column {
	c.Name, c.Title, c.Free, c.Middle, c.ident = "account", "ACCOUNT", true, true, ident
	c.value = func(r *Row) Cell { return text(cmp.Or(r.Account, ident(r))) }
	return c
}

// accountNameColumn shows only a name that people gave.
func accountNameColumn() Column {
	return Column{Name: "account_name", Title: "ACCOUNT NAME", Set: ByName, Free: true, value: func(r *Row) Cell {
		c := text(r.Account)
		c.Reason = NotSuch
		return c
	}}
}

// accountIDColumn shows the identifier, beside the name in wide tables.
func accountIDColumn(ident func(*Row) string) Column {
	return Column{
		Name: "account_id", Title: "ACCOUNT ID", Weight: 9, Set: Wide, Beside: "account", Free: true, Middle: true,
		value: func(r *Row) Cell { return text(ident(r)) },
	}
}

// Known returns every column that rows of a kind have, beside metrics, attributes and tags.
func Known(kind Kind) []Column {
	switch kind {
	case Offers:
		return offerColumns()
	case Markets:
		return marketColumns()
	case Units:
		return unitColumns()
	default:
		return resourceColumns()
	}
}

// Choice is what was asked for of the columns.
type Choice struct {
	Names      []string            // --columns; they come as they are asked for
	Wide       bool                // --wide
	Class      string              // the class of service in view, "gpu" with --gpu; may be empty
	Configured map[string][]string // output.columns of the configuration: names by class
}

// Columns returns the columns to show: those asked for by name, else those configured for the class in view, else the
// kind's own. An unknown name is an error that tells the known ones.
func Columns(kind Kind, choice Choice) ([]Column, error) {
	if len(choice.Names) > 0 {
		return named(kind, choice.Names, "--columns")
	}
	for _, class := range classes(kind, choice.Class) {
		if names := choice.Configured[class]; len(names) > 0 && !choice.Wide {
			return named(kind, names, "output.columns."+class)
		}
	}
	var out []Column
	for _, c := range Known(kind) {
		if c.Set == Default || choice.Wide && c.Set == Wide {
			c.Auto, c.Several = true, c.Several && !choice.Wide
			out = append(out, c)
		}
	}
	return out, nil
}

// classes returns the keys of output.columns that hold for a kind, best first.
func classes(kind Kind, class string) []string {
	switch {
	case kind == Offers:
		return []string{"offers", string(cloud.GPUs)}
	case kind != Resources:
		return []string{kind.String()}
	case class == "":
		return []string{"default"}
	default:
		return []string{class, "default"}
	}
}

func named(kind Kind, names []string, where string) ([]Column, error) {
	out := make([]Column, 0, len(names))
	for i, name := range names {
		c, ok := Lookup(kind, name)
		if !ok {
			return nil, fmt.Errorf("%s: %w", where, unknownField(kind, "column", name))
		}
		c.Weight = len(names) - i
		out = append(out, c)
	}
	return out, nil
}

// Lookup returns the column of a name: a known one, a metric, attrs.NAME or tags.KEY. Case does not matter, but in
// keys of tags.
func Lookup(kind Kind, name string) (Column, bool) {
	name = strings.TrimSpace(name)
	lower := strings.ToLower(name)
	lower = strings.ReplaceAll(lower, "-", "_")
	known := Known(kind)
	i := slices.IndexFunc(known, func(c Column) bool { return c.Name == lower || slices.Contains(c.Aliases, lower) })
	if i >= 0 {
		return known[i], true
	}
	return dynamic(kind, name, lower)
}

// allNames returns every name that columns of a kind and metrics have.
func allNames(kind Kind) []string {
	var all []string
	for _, c := range Known(kind) {
		all = append(append(all, c.Name), c.Aliases...)
	}
	if kind == Resources {
		all = append(all, metricNames()...)
	}
	return all
}

// unknownField is the error for a name that no column has.
func unknownField(kind Kind, what, name string) error {
	var names []string
	for _, c := range Known(kind) {
		names = append(names, c.Name)
	}
	near := nearest.Hint(name, allNames(kind))
	more := ""
	switch kind {
	case Resources:
		more = "; beside these, metrics by name (gpu_power_watts), attrs.NAME and tags.KEY"
	case Offers:
		more = "; beside these, attrs.NAME"
	default:
	}
	return fmt.Errorf("unknown %s %q%s; known: %s%s", what, name, near, strings.Join(names, ", "), more)
}
