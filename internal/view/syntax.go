package view

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError says what is wrong with an expression, and where.
type SyntaxError struct {
	Where  string // "--filter"
	Expr   string
	Offset int    // in bytes
	Detail string // what was expected, and what was found
}

// Error returns three lines: what is wrong, the expression, and a caret below the place.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s: %s, at character %d\n%s", e.Where, e.Detail, e.character(), Caret(e.Expr, e.Offset))
}

// character returns the place, counted as people do.
func (e *SyntaxError) character() int {
	return utf8.RuneCountInString(e.Expr[:min(e.Offset, len(e.Expr))]) + 1
}

// Caret returns expr on one line, and on the next a caret below the byte at offset.
func Caret(expr string, offset int) string {
	const room = 60 // characters shown before and after the place
	head, tail := []rune(expr[:min(offset, len(expr))]), []rune(expr[min(offset, len(expr)):])
	before, after := "", ""
	if len(head) > room {
		head, before = head[len(head)-room:], "..."
	}
	if len(tail) > room {
		tail, after = tail[:room], "..."
	}
	shown := strings.Map(visible, string(head))
	return "  " + before + shown + strings.Map(visible, string(tail)) + after + "\n" +
		strings.Repeat(" ", 2+len(before)+utf8.RuneCountInString(shown)) + "^"
}

// visible replaces what a terminal would obey or break a line at.
func visible(r rune) rune {
	if !unicode.IsPrint(r) {
		return ' '
	}
	return r
}
