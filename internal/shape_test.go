package internal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	longestFile     = 500 // lines
	longestFunction = 80
)

// TestCodeKeepsItsShape also makes the result of this package's tests depend on every source file: without reading
// them, `go test` would repeat an older result after an import elsewhere has changed.
func TestCodeKeepsItsShape(t *testing.T) {
	t.Parallel()
	for _, top := range []string{"cmd", "internal", "pkg"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") {
				return err
			}
			src, err := os.ReadFile(name)
			if err == nil && !strings.HasSuffix(name, "_test.go") {
				for _, fault := range faults(name, src) {
					t.Error(fault)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// faults returns what is wrong with the shape of a source file.
func faults(name string, src []byte) []string {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	if n := fset.File(file.FileStart).LineCount(); n > longestFile {
		found = append(found, fmt.Sprintf("%s: %d lines, want at most %d: a file is read in one go", name, n, longestFile))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if f, ok := n.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			found = append(found, fmt.Sprintf("%s: func init: what happens at start is called by main", fset.Position(f.Pos())))
		}
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			from, to := fset.Position(n.Pos()), fset.Position(n.End())
			if lines := to.Line - from.Line + 1; lines > longestFunction {
				found = append(found, fmt.Sprintf("%s: function of %d lines, want at most %d", from, lines, longestFunction))
			}
		}
		return true
	})
	return found
}

func TestShapeFaultsAreFound(t *testing.T) {
	t.Parallel()
	lines := func(n int) string { return strings.Repeat("\n", n) }
	tests := []struct {
		name, src string
		want      []string
	}{
		{"nothing", "package p\n", nil},
		{"init", "package p\n\nfunc init() {}\n", []string{"a.go:3:1: func init: what happens at start is called by main"}},
		{"a method of that name", "package p\n\ntype t int\n\nfunc (t) init() {}\n", nil},
		{"longest function", "package p\n\nfunc f() {" + lines(79) + "}\n", nil},
		{"function too long", "package p\n\nfunc f() {" + lines(80) + "}\n", []string{"a.go:3:1: function of 81 lines, want at most 80"}},
		{"literal too long", "package p\n\nvar f = func() {" + lines(80) + "}\n", []string{"a.go:3:9: function of 81 lines, want at most 80"}},
		{"longest file", "package p" + lines(500), nil},
		{"file too long", "package p" + lines(501), []string{"a.go: 501 lines, want at most 500: a file is read in one go"}},
		{"no Go", "package", []string{"a.go:1:8: expected 'IDENT', found 'EOF'"}},
	}
	for _, tt := range tests {
		if got := faults("a.go", []byte(tt.src)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: faults = %q, want %q", tt.name, got, tt.want)
		}
	}
}
