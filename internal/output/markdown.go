package output

import (
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
		_, err := io.WriteString(w, Nothing(s, o.Kind, o.Total)+"\n")
		return err
	}
	o.Unicode = true
	p := o.painter()
	escape := strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "&", "&amp;", "<", "&lt;", "`", "\\`", "*", `\*`, "_", `\_`, "~", `\~`, "[", `\[`,
	)
	var b []byte
	for _, c := range t.Columns {
		b = append(b, "| "+escape.Replace(p.Harmless(c.Title))+" "...)
	}
	b = append(b, "|\n"...)
	for _, c := range t.Columns {
		if c.Right {
			b = append(b, "| ---: "...)
		} else {
			b = append(b, "| --- "...)
		}
	}
	b = append(b, "|\n"...)
	for _, row := range t.Rows {
		for i := range row {
			p.Clean(&row[i])
			b = append(b, "| "+escape.Replace(row[i].Text)+" "...)
		}
		b = append(b, "|\n"...)
	}
	_, err = w.Write(b)
	return err
}
