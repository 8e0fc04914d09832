package httpx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/adsops/cloudtop/internal/cloud"
)

type wholeKey struct{}

// Whole returns a context for a call whose answer is small and is read by somebody else's code, which would not ask again
// where it breaks off: the chain reads it, and does.
func Whole(ctx context.Context) context.Context { return context.WithValue(ctx, wholeKey{}, true) }

// readWhole returns an answer that is in memory.
func readWhole(resp *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if _, tooLarge := errors.AsType[*cloud.Error](err); err != nil && !tooLarge {
		err = fmt.Errorf("%w: %w", errBroken, err)
	}
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
