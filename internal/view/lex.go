package view

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexeme is what a token is.
type lexeme uint8

const (
	theEnd lexeme = iota
	word
	quoted
	operator
	opening
	closing
)

// token is one piece of a filter.
type token struct {
	lexeme
	text string // without quotes
	at   int    // in bytes
}

// String returns the token as an error names it.
func (t token) String() string {
	if t.lexeme == theEnd {
		return "the end"
	}
	return strconv.Quote(t.text)
}

// is reports whether the token is a word, not quoted, in any case.
func (t token) is(name string) bool { return t.lexeme == word && strings.EqualFold(t.text, name) }

// lex cuts a filter into tokens; the last is theEnd.
func lex(expr string) ([]token, error) {
	var tokens []token
	for at := 0; at < len(expr); {
		r, size := utf8.DecodeRuneInString(expr[at:])
		if unicode.IsSpace(r) {
			at += size
			continue
		}
		t, n, err := next(expr, at)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		at += n
	}
	return append(tokens, token{at: len(expr)}), nil
}

// next returns the token at a place and how many bytes it takes.
func next(expr string, at int) (token, int, error) {
	s := expr[at:]
	switch s[0] {
	case '(':
		return token{opening, "(", at}, 1, nil
	case ')':
		return token{closing, ")", at}, 1, nil
	case '"', '\'':
		return quotedToken(expr, at)
	}
	for _, op := range []string{"==", "!=", "=~", "!~", "<=", ">=", "=", "~", "<", ">"} {
		if strings.HasPrefix(s, op) {
			return token{operator, op, at}, len(op), nil
		}
	}
	for symbol, name := range map[string]string{"&&": "and", "||": "or"} {
		if strings.HasPrefix(s, symbol) {
			return token{word, name, at}, 2, nil
		}
	}
	n := max(1, wordEnd(s))
	return token{word, s[:n], at}, n, nil
}

// quotedToken reads up to the closing quote; a backslash takes the next character as it is.
func quotedToken(expr string, at int) (token, int, error) {
	quote, s := expr[at], expr[at:]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == quote:
			return token{quoted, b.String(), at}, i + 1, nil
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return token{}, 0, &SyntaxError{"--filter", expr, at, "the quote is never closed"}
}

// wordEnd returns how many bytes of s are one word.
func wordEnd(s string) int {
	for i, r := range s {
		if unicode.IsSpace(r) || strings.ContainsRune(`()"'=!<>~`, r) ||
			strings.HasPrefix(s[i:], "&&") || strings.HasPrefix(s[i:], "||") {
			return i
		}
	}
	return len(s)
}
