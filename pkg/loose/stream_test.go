package loose_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/pkg/loose"
)

// streamed reads {"rows":[{"n":1},...], ...} row by row, and says what it read and why it ended.
func streamed(text string) string {
	var out []string
	from := json.NewDecoder(strings.NewReader(text))
	err := loose.Members(from, func(name string) error {
		if name != "rows" {
			return loose.Skip(from)
		}
		return loose.Elements(from, func() error {
			var row struct{ N loose.Number }
			err := from.Decode(&row)
			out = append(out, fmt.Sprint(row.N.Value))
			return err
		})
	})
	if err != nil {
		out = append(out, err.Error())
	}
	return strings.Join(out, " ")
}

func TestAnswersAreReadAsTheyArrive(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"rows", `{"rows":[{"n":1},{"n":"2"}]}`, "1 2"},
		{"other members", `{"a":{"rows":[9]},"rows":[{"n":1}],"b":[[]],"c":null}`, "1"},
		{"twice", `{"rows":[{"n":1}],"rows":[{"n":2}]}`, "1 2"},
		{"none", `{"rows":[]}`, ""},
		{"null rows", `{"rows":null}`, ""},
		{"null", `null`, ""},
		{"a text for the object", `"secret"`, `"{" is expected, and the answer has a text`},
		{"a list for the object", `[]`, `"{" is expected, and the answer has a "["`},
		{"a number for the list", `{"rows":42}`, `"[" is expected, and the answer has a number`},
		{"a flag for the list", `{"rows":true}`, `"[" is expected, and the answer has a flag`},
		{"an object for the list", `{"rows":{"n":1}}`, `"[" is expected, and the answer has a "{"`},
		{"an end in a list", `{"rows":[{"n":1}`, "1 EOF"},
		{"nothing", ``, "EOF"},
		{"what is no JSON", `{"rows":[{"n":1},}`, "1 0 invalid character '}' looking for beginning of value"},
	} {
		if got := streamed(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
