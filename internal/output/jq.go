package output

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/itchyny/gojq"

	"github.com/adsops/cloudtop/internal/view"
)

// CheckJQ reports what is wrong with an expression, and where, before anything is collected for it.
func CheckJQ(expr string) error {
	_, err := compileJQ(expr)
	return err
}

func compileJQ(expr string) (*gojq.Code, error) {
	query, err := gojq.Parse(expr)
	if err != nil {
		return nil, pointed(expr, err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, fmt.Errorf("--jq: %w", err)
	}
	return code, nil
}

// pointed shows where in the expression an error is.
func pointed(expr string, err error) error {
	p, ok := errors.AsType[*gojq.ParseError](err)
	if !ok {
		return fmt.Errorf("--jq: %w", err)
	}
	return &view.SyntaxError{
		Where: "--jq", Expr: expr, Offset: max(0, p.Offset-len(p.Token)), Detail: p.Error(),
	}
}

// JQ runs a jq expression over a value (JSON as []byte, or what Document returns) and writes each result on a line of
// its own: texts as they are where raw is set, everything else as JSON.
func JQ(ctx context.Context, w io.Writer, expr string, value any, raw bool) error {
	code, err := compileJQ(expr)
	if err != nil {
		return err
	}
	if data, ok := value.([]byte); ok {
		value = nil
		if err := json.Unmarshal(data, &value); err != nil {
			return fmt.Errorf("--jq: %w", err)
		}
	}
	var out bytes.Buffer
	results := code.RunWithContext(ctx, value)
	for {
		v, ok := results.Next()
		if !ok {
			break
		}
		if err, failed := v.(error); failed {
			if h, halt := errors.AsType[*gojq.HaltError](err); halt && h.Value() == nil {
				break
			}
			_, _ = w.Write(out.Bytes())
			return fmt.Errorf("--jq: %w", err)
		}
		if err := appendResult(&out, v, raw); err != nil {
			return fmt.Errorf("--jq: %w", err)
		}
	}
	_, err = w.Write(out.Bytes())
	return err
}

// appendResult appends one result: objects and arrays set out as jq does.
func appendResult(out *bytes.Buffer, v any, raw bool) error {
	if s, ok := v.(string); ok && raw {
		out.WriteString(s + "\n")
		return nil
	}
	data, err := gojq.Marshal(v)
	if err != nil {
		return err
	}
	if err := json.Indent(out, data, "", "  "); err != nil {
		return err
	}
	return out.WriteByte('\n')
}
