package azure

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

// number is a JSON number, or a string that holds one as some resource providers write it. What is neither is unknown,
// which is not zero.
type number struct {
	value float64
	known bool
}

// UnmarshalJSON implements json.Unmarshaler. It refuses nothing: one odd value must not cost a page.
func (n *number) UnmarshalJSON(data []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(data), `" `), 64)
	*n = number{}
	if err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		*n = number{v, true}
	}
	return nil
}

// odd turns the error of decoding into one of cloud.KindPartial where only a part of the answer is not of the published
// form: encoding/json decodes all the rest. Where a list or the link to its next page is not there, it is another error.
func odd(op string, err error) error {
	e, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err
	}
	element := e.Field != "" && e.Type.Kind() == reflect.Struct // of a list: it has the list's name
	if !element && !strings.Contains(e.Field, ".") {
		return err
	}
	return oddField(op, e)
}

// oddPart is odd for a part of an answer that is read by itself: whatever is not of the published form of it is noted in
// missing, and the rest stands. Any other error it returns.
func oddPart(op string, err error, missing *error) error {
	e, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err
	}
	*missing = oddField(op, e)
	return nil
}

// oddField says which part of an answer is not of the published form.
func oddField(op string, e *json.UnmarshalTypeError) error {
	return cloud.Partial(name+": "+op, fmt.Sprintf(
		"a part of the answer is not what is expected: %s is a %s", cmp.Or(strings.ToLower(e.Field), "an element"), e.Value))
}

// partial reports whether an error only says what is missing of an answer that stands.
func partial(err error) bool { return cloud.KindOf(err) == cloud.KindPartial }
