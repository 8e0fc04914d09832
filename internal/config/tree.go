package config

import (
	"bytes"
	"encoding/json"
	"errors"
)

// kind is what a JSON value is, as errors call it.
type kind string

const (
	object kind = "an object"
	list   kind = "a list"
	text   kind = "a text"
	number kind = "a number"
	truth  kind = "true or false"
	null   kind = "null"
)

// node is a JSON value and where it stands.
type node struct {
	kind    kind
	at      int    // offset of its first byte
	text    string // of a text its value, of a number its digits, "true" or "false" of a truth
	members []member
	items   []*node
}

// member is a key of an object with its value.
type member struct {
	key   string
	at    int // offset of the key
	value *node
}

// member returns the first value of that key, nil where there is none.
func (n *node) member(key string) *node {
	for _, m := range n.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// parse reads the one JSON value that data must be. An error is what encoding/json says of data, and where.
func parse(data []byte) (root *node, at int, err error) {
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		at := len(data)
		if s, ok := errors.AsType[*json.SyntaxError](err); ok && s.Error() != "unexpected end of JSON input" {
			at = int(s.Offset) - 1
		}
		return nil, at, err
	}
	p := &parser{data: data, tokens: json.NewDecoder(bytes.NewReader(data))}
	p.tokens.UseNumber()
	root, err = p.value()
	return root, p.start(), err
}

// parser makes nodes of the tokens of valid JSON.
type parser struct {
	data   []byte
	tokens *json.Decoder
}

// start returns the offset of the next token: between tokens there are only blanks, commas and colons.
func (p *parser) start() int {
	at := int(p.tokens.InputOffset())
	for at < len(p.data) && bytes.IndexByte([]byte(" \t\r\n,:"), p.data[at]) >= 0 {
		at++
	}
	return at
}

func (p *parser) value() (*node, error) {
	n := &node{at: p.start()}
	token, err := p.tokens.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		return n, p.nest(n, v)
	case string:
		n.kind, n.text = text, v
	case json.Number:
		n.kind, n.text = number, v.String()
	case bool:
		n.kind, n.text = truth, map[bool]string{true: "true", false: "false"}[v]
	default:
		n.kind = null
	}
	return n, nil
}

// nest reads what is in an object or list, and its end.
func (p *parser) nest(n *node, open json.Delim) error {
	n.kind = list
	if open == '{' {
		n.kind = object
	}
	for p.tokens.More() {
		m := member{at: p.start()}
		if n.kind == object {
			key, err := p.tokens.Token()
			if err != nil {
				return err
			}
			m.key, _ = key.(string)
		}
		var err error
		if m.value, err = p.value(); err != nil {
			return err
		}
		if n.kind == object {
			n.members = append(n.members, m)
		} else {
			n.items = append(n.items, m.value)
		}
	}
	_, err := p.tokens.Token()
	return err
}
