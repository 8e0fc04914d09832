package output

import (
	"bufio"
	"io"
	"strings"

	"github.com/adsops/cloudtop/internal/hub"
)

// writeMarkdown writes a table for issues, wikis and the summaries of CI runs.
func writeMarkdown(w io.Writer, s *hub.Snapshot, o Options) error {
	t, err := o.table(s)
	if err != nil {
		return err
	}
	if len(t.Rows) == 0 {
		_, err := io.WriteString(w, nothing(s, &o)+"\n")
		return err
	}
	o.Unicode = true
	p := newPainter(&o)
	out := bufio.NewWriter(w)
	for _, c := range t.Columns {
		out.WriteString("| " + c.Title + " ")
	}
	out.WriteString("|\n")
	for _, c := range t.Columns {
		if c.Right {
			out.WriteString("| ---: ")
		} else {
			out.WriteString("| --- ")
		}
	}
	out.WriteString("|\n")
	escape := strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`)
	for _, row := range t.Rows {
		for i := range row {
			p.clean(&row[i])
			out.WriteString("| " + escape.Replace(row[i].Text) + " ")
		}
		out.WriteString("|\n")
	}
	return out.Flush()
}
