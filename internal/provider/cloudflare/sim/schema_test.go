package cloudflaresim_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
	"github.com/adsops/cloudtop/internal/sim/shape"
)

// fieldsOf lists the fields of a dataset by group, in the order of the schema.
func fieldsOf(published string) (groups []string, fields map[string][]string) {
	fields = map[string][]string{}
	for line := range strings.Lines(published) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		group, name, nested := strings.Cut(words[0], ".")
		if !nested {
			group, name = "", group
		}
		if fields[group] == nil {
			groups = append(groups, group)
		}
		fields[group] = append(fields[group], name)
	}
	return groups, fields
}

// selection asks for fields of a group.
func selection(group string, names []string) string {
	if group == "" {
		return strings.Join(names, " ")
	}
	return group + "{" + strings.Join(names, " ") + "}"
}

// finest is the finest time that a dataset can be filtered by.
func finest(fields map[string][]string) string {
	if slices.Contains(fields["dimensions"], "datetime") {
		return "datetime"
	}
	return "datetimeHour"
}

// rowsOfAll sends a query about the first account and returns the bytes of an alias.
func rowsOfAll(t *testing.T, c http.Handler, account, parts, alias string) json.RawMessage {
	t.Helper()
	status, a := ask(t, c, query(parts), map[string]any{"a": account})
	if status != http.StatusOK || len(a.Errors) > 0 {
		t.Errorf("%.200s: got %d %+v", parts, status, a.Errors)
		return json.RawMessage("[]")
	}
	return a.Data.Viewer.Accounts[0][alias]
}

// TestDatasetsHaveThePublishedFields asks each dataset for all that it has and compares names and types with the schema.
func TestDatasetsHaveThePublishedFields(t *testing.T) {
	t.Parallel()
	c := world(120)
	account := c.Truth().Accounts[0]
	for dataset, published := range publishedDatasets() {
		groups, fields := fieldsOf(published)
		var names []string
		for group, all := range fields {
			for _, name := range all {
				names = append(names, strings.TrimPrefix(group+"_"+name, "_"))
			}
		}
		var settings map[string]struct{ AvailableFields []string }
		if err := json.Unmarshal(rowsOfAll(t, c, account, "settings{"+dataset+"{availableFields}}", "settings"), &settings); err != nil {
			t.Fatal(err)
		}
		if got := settings[dataset].AvailableFields; !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(names))) {
			t.Errorf("%s: settings name %v, published are %v", dataset, got, names)
		}
		at, since := finest(fields), "2026-11-01T11:00:00Z"
		if at == "datetime" && fields["max"] == nil {
			since = "2026-11-01T11:59:50Z"
		}
		for _, group := range groups { // together they may be more than a plan allows
			data := rowsOfAll(t, c, account, fmt.Sprintf(`x:%s(limit:500,filter:{%s_geq:%q,%s_lt:"2026-11-01T12:00:00Z"}){%s}`,
				dataset, at, since, at, selection(group, fields[group])), "x")
			var rows []json.RawMessage
			if err := json.Unmarshal(data, &rows); err != nil || len(rows) == 0 {
				t.Errorf("%s: got %d rows, %v", dataset, len(rows), err)
			}
			for _, row := range rows {
				for _, difference := range shape.Diff(linesOf(published, group), row) {
					t.Errorf("%s: %s", dataset, difference)
				}
			}
		}
	}
}

// linesOf is what a description says of one group.
func linesOf(published, group string) string {
	var b strings.Builder
	for line := range strings.Lines(published) {
		if in, _, nested := strings.Cut(strings.TrimSpace(line), "."); nested && in == group || !nested && group == "" {
			b.WriteString(line)
		}
	}
	return b.String()
}

// TestEveryAliasIsAnswered renames the dataset, each group and each field.
func TestEveryAliasIsAnswered(t *testing.T) {
	t.Parallel()
	c := world(60)
	account := c.Truth().Accounts[0]
	for dataset, published := range publishedDatasets() {
		groups, fields := fieldsOf(published)
		at := finest(fields)
		for _, group := range groups {
			var renamed []string
			for _, name := range fields[group] {
				renamed = append(renamed, "f_"+name+":"+name)
			}
			selected := selection(group, renamed)
			if group != "" {
				selected = "g_" + group + ":" + selected
			}
			data := rowsOfAll(t, c, account, fmt.Sprintf(`d_x:%s(limit:1,filter:{%s_geq:"2026-11-01T11:00:00Z",%s_lt:"2026-11-01T12:00:00Z"}){%s}`,
				dataset, at, at, selected), "d_x")
			var rows []map[string]any
			if err := json.Unmarshal(data, &rows); err != nil || len(rows) != 1 {
				t.Errorf("%s %s: got %s, %v", dataset, group, data, err)
				continue
			}
			got, _ := rows[0]["g_"+group].(map[string]any)
			if group == "" {
				got = rows[0]
			}
			for _, name := range fields[group] {
				if got["f_"+name] == nil {
					t.Errorf("%s: %s.%s is not under its alias: %s", dataset, group, name, data)
				}
			}
			if len(got) != len(fields[group]) {
				t.Errorf("%s: %s has %d fields, want %d", dataset, group, len(got), len(fields[group]))
			}
		}
	}
}

// TestEveryFilterOfTheSchemaIsTaken sends each dimension with each ending that the schema's filters have.
func TestEveryFilterOfTheSchemaIsTaken(t *testing.T) {
	t.Parallel()
	c := world(40)
	account := c.Truth().Accounts[0]
	for dataset, published := range publishedDatasets() {
		groups, fields := fieldsOf(published)
		first := selection(groups[len(groups)-1], fields[groups[len(groups)-1]][:1])
		at := finest(fields)
		var parts []string
		for i, line := range strings.Split(strings.TrimSpace(published), "\n") {
			words := strings.Fields(line)
			name, isDimension := strings.CutPrefix(words[0], "dimensions.")
			if !isDimension {
				continue
			}
			values := map[string]string{"": `"x"`, "_gt": `"x"`, "_geq": `"x"`, "_lt": `"x"`, "_leq": `"x"`, "_neq": `"x"`, "_in": `["x"]`, "_notin": `["x"]`,
				"_like": `"%x"`, "_notlike": `"x%"`}
			switch words[1] {
			case "time", "date":
				values = map[string]string{"": "", "_gt": "", "_geq": "", "_lt": "", "_leq": ""}
				for ending := range values {
					values[ending] = map[string]string{"time": `"2026-11-01T11:30:00Z"`, "date": `"2026-11-01"`}[words[1]]
				}
			case "int":
				for ending, v := range values {
					values[ending] = strings.NewReplacer(`"x"`, "200", `"%x"`, `"2%"`, `"x%"`, `"2%"`).Replace(v)
				}
			}
			for ending, value := range values {
				parts = append(parts, fmt.Sprintf(`a%d%s:%s(limit:1,filter:{%s_geq:"2026-11-01T11:00:00Z",%s%s:%s}){%s}`, i, ending, dataset, at, name, ending, value, first))
			}
		}
		for chunk := range slices.Chunk(parts, 40) {
			rowsOfAll(t, c, account, strings.Join(chunk, "\n"), "")
		}
	}
}

// TestEveryOrderOfTheSchemaSorts orders each dataset by each of its fields in both directions, per resource or per value.
func TestEveryOrderOfTheSchemaSorts(t *testing.T) {
	t.Parallel()
	c := world(150)
	account := c.Truth().Accounts[0]
	resource := map[string]string{"w": "scriptName", "p": "scriptName", "r": "bucketName", "d1": "databaseId", "k": "namespaceId", "a": "modelId", "q": "queueId", "du": "namespaceId"}
	for dataset, published := range publishedDatasets() {
		groups, fields := fieldsOf(published)
		at := finest(fields)
		per := resource[dataset[:1]] + resource[dataset[:2]]
		for _, group := range groups {
			var parts []string
			for _, name := range fields[group] {
				order, selected := strings.TrimPrefix(group+"_"+name, "_"), selection(group, []string{name})+" dimensions{"+per+"}"
				if group == "dimensions" {
					order, selected = name, "dimensions{"+name+"}"
				}
				for _, direction := range []string{"ASC", "DESC"} {
					parts = append(parts, fmt.Sprintf(`%s_%s:%s(limit:5000,filter:{%s_geq:"2026-11-01T11:00:00Z",%s_lt:"2026-11-01T11:20:00Z"},orderBy:[%s_%s]){%s}`,
						name, direction, dataset, at, at, order, direction, selected))
				}
			}
			_, a := ask(t, c, query(strings.Join(parts, "\n")), map[string]any{"a": account})
			if len(a.Errors) > 0 || len(a.Data.Viewer.Accounts) != 1 {
				t.Errorf("%s %s: got %+v", dataset, group, a.Errors)
				continue
			}
			for alias, data := range a.Data.Viewer.Accounts[0] {
				name, direction, _ := strings.Cut(alias, "_")
				var rows []map[string]any
				if err := json.Unmarshal(data, &rows); err != nil || len(rows) == 0 {
					t.Errorf("%s by %s: %d rows, %v", dataset, alias, len(rows), err)
				}
				if direction == "DESC" {
					slices.Reverse(rows)
				}
				if !slices.IsSortedFunc(rows, func(x, y map[string]any) int { return compareValues(valueOf(x, group, name), valueOf(y, group, name)) }) {
					t.Errorf("%s by %s: the rows are out of order", dataset, alias)
				}
			}
		}
	}
}

// valueOf is a field of a row; group is empty for count.
func valueOf(row map[string]any, group, name string) any {
	if group == "" {
		return row[name]
	}
	return row[group].(map[string]any)[name]
}

func compareValues(a, b any) int {
	x, isNumber := a.(float64)
	if !isNumber {
		return strings.Compare(a.(string), b.(string))
	}
	return cmp.Compare(x, b.(float64))
}

// TestPlansAreKeptToTheirLimits asks at each limit of the settings and just beyond it.
func TestPlansAreKeptToTheirLimits(t *testing.T) {
	t.Parallel()
	c := world(60)
	for i, account := range c.Truth().Accounts[:2] {
		var settings map[string]struct {
			Enabled                                                   bool
			MaxDuration, MaxNumberOfFields, MaxPageSize, NotOlderThan int
		}
		const dataset = "workersInvocationsAdaptive"
		if err := json.Unmarshal(rowsOfAll(t, c, account, "settings{"+dataset+"{enabled maxDuration maxNumberOfFields maxPageSize notOlderThan}}", "settings"), &settings); err != nil {
			t.Fatal(err)
		}
		most := settings[dataset]
		if !most.Enabled || most.MaxDuration < 7*86400 || most.NotOlderThan < most.MaxDuration || most.MaxPageSize != 10_000 || most.MaxNumberOfFields < 20 {
			t.Errorf("account %d: got %+v", i+1, most)
		}
		ago := func(seconds int) string {
			return sim.Epoch.Add(-time.Duration(seconds) * time.Second).Format(time.RFC3339)
		}
		fields := func(n int) string {
			var all []string
			for i := range n {
				all = append(all, fmt.Sprintf("f%d:requests", i))
			}
			return "sum{" + strings.Join(all, " ") + "}"
		}
		for _, tt := range []struct {
			name, arguments, fields, says string
		}{
			{"a page", fmt.Sprintf(`limit:%d,filter:{datetime_geq:%q}`, most.MaxPageSize, ago(60)), fields(1), ""},
			{"more than a page", fmt.Sprintf(`limit:%d,filter:{datetime_geq:%q}`, most.MaxPageSize+1, ago(60)), fields(1), "limit must be positive number and not greater than 10000"},
			{"less than nothing", fmt.Sprintf(`limit:-1,filter:{datetime_geq:%q}`, ago(60)), fields(1), "limit must be positive"},
			{"all fields", fmt.Sprintf(`limit:1,filter:{datetime_geq:%q}`, ago(60)), fields(most.MaxNumberOfFields), ""},
			{"a field more", fmt.Sprintf(`limit:1,filter:{datetime_geq:%q}`, ago(60)), fields(most.MaxNumberOfFields + 1), fmt.Sprintf("number of fields can't be more than %d", most.MaxNumberOfFields)},
			{"the oldest", fmt.Sprintf(`limit:1,filter:{datetime_geq:%q,datetime_lt:%q}`, ago(most.NotOlderThan), ago(most.NotOlderThan-60)), fields(1), ""},
			{"a second older", fmt.Sprintf(`limit:1,filter:{datetime_geq:%q,datetime_lt:%q}`, ago(most.NotOlderThan+1), ago(most.NotOlderThan)), fields(1),
				fmt.Sprintf("cannot request data older than %ds", most.NotOlderThan)},
			{"the longest", fmt.Sprintf(`limit:1,filter:{datetime_geq:%q}`, ago(most.MaxDuration)), fields(1), ""},
			{"the longest, to come as well", fmt.Sprintf(`limit:1,filter:{datetime_geq:%q,datetime_lt:%q}`, ago(most.MaxDuration), ago(-86400)), fields(1), ""},
		} {
			status, a := ask(t, c, query("x:"+dataset+"("+tt.arguments+"){"+tt.fields+"}"), map[string]any{"a": account})
			if refused := len(a.Errors) > 0; refused != (tt.says != "") || refused && (status != 400 || !strings.Contains(a.Errors[0].Message, tt.says)) {
				t.Errorf("account %d: %s: got %d %+v, want %q", i+1, tt.name, status, a.Errors, tt.says)
			}
		}
		if most.MaxDuration < most.NotOlderThan {
			_, a := ask(t, c, query(fmt.Sprintf(`x:%s(limit:1,filter:{datetime_geq:%q}){sum{requests}}`, dataset, ago(most.MaxDuration+1))), map[string]any{"a": account})
			if len(a.Errors) != 1 || !strings.Contains(a.Errors[0].Message, fmt.Sprintf("can't be wider than %ds", most.MaxDuration)) {
				t.Errorf("account %d: a second too long: got %+v", i+1, a.Errors)
			}
		}
	}
}

// TestFiltersOnNumbersCompareNumbers has codes of different lengths, whose order as texts is another.
func TestFiltersOnNumbersCompareNumbers(t *testing.T) {
	t.Parallel()
	c := world(300)
	account := c.Truth().Accounts[0]
	codes := func(dataset, dimension, filter string) []string {
		data := rowsOfAll(t, c, account, fmt.Sprintf(`x:%s(limit:100,filter:{datetime_geq:"2026-11-01T00:00:00Z",%s}){count dimensions{%s}}`, dataset, filter, dimension), "x")
		var rows []struct{ Dimensions map[string]any }
		if err := json.Unmarshal(data, &rows); err != nil {
			t.Fatal(err)
		}
		all := map[string]bool{}
		for _, r := range rows {
			all[fmt.Sprint(r.Dimensions[dimension])] = true
		}
		return slices.Sorted(maps.Keys(all))
	}
	for filter, want := range map[string][]string{
		"errorCode_geq:0": {"0", "3040"}, "errorCode_lt:500": {"0"}, "errorCode_gt:500": {"3040"}, "errorCode_gt:3040": nil, "errorCode_leq:3040": {"0", "3040"},
		"errorCode:3040": {"3040"}, "errorCode_neq:0": {"3040"}, "errorCode_in:[0,7]": {"0"}, "errorCode_notin:[0,7]": {"3040"}, "errorCode_in:[]": nil,
		"errorCode_notin:[]": {"0", "3040"}, `errorCode_geq:"0"`: {"0", "3040"}, `errorCode_like:"3%"`: {"3040"}, `errorCode_notlike:"3%"`: {"0"},
	} {
		if got := codes("aiInferenceAdaptiveGroups", "errorCode", filter); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", filter, got, want)
		}
	}
	for filter, want := range map[string][]string{"responseStatusCode_geq:400": {"500"}, "responseStatusCode_lt:1000": {"200", "500"}, "responseStatusCode_gt:1000": nil} {
		if got := codes("kvOperationsAdaptiveGroups", "responseStatusCode", filter); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", filter, got, want)
		}
	}
	for _, filter := range []string{"errorCode:[0]", "errorCode_gt:[]", "errorCode_neq:[0]", "errorCode_like:[]", "errorCode_in:0", `modelId_notin:"x"`} {
		status, a := ask(t, c, query(`x:aiInferenceAdaptiveGroups(limit:1,filter:{SPAN,`+filter+`}){count}`), map[string]any{"a": account})
		if status != 400 || len(a.Errors) != 1 || !strings.Contains(a.Errors[0].Message, "invalid value of arg") {
			t.Errorf("%s: got %d %+v, want it refused", filter, status, a.Errors)
		}
	}
}

// TestTimesAreIncludedByTheirEndings counts the minutes that each form of a filter lets through.
func TestTimesAreIncludedByTheirEndings(t *testing.T) {
	t.Parallel()
	c := world(60)
	account := c.Truth().Accounts[0]
	for filter, want := range map[string]int{
		`datetime_geq:"2026-11-01T11:50:00Z",datetime_lt:"2026-11-01T11:53:00Z"`:                                                3,
		`datetime_geq:"2026-11-01T11:50:00.000Z",datetime_leq:"2026-11-01T11:53:00Z"`:                                           4, // a second of the fourth
		`datetime_gt:"2026-11-01T11:50:59Z",datetime_lt:"2026-11-01T11:53:00Z"`:                                                 2,
		`datetimeMinute:"2026-11-01T11:50:00Z"`:                                                                                 1,
		`datetimeMinute_geq:"2026-11-01T11:50:00Z",datetimeMinute_leq:"2026-11-01T11:52:00Z"`:                                   3,
		`datetimeMinute_gt:"2026-11-01T11:50:00Z",datetimeMinute_lt:"2026-11-01T11:52:00Z"`:                                     1,
		`datetimeFiveMinutes:"2026-11-01T11:50:00Z"`:                                                                            5,
		`datetimeFifteenMinutes:"2026-11-01T11:30:00Z"`:                                                                         15,
		`datetimeHour:"2026-11-01T10:00:00Z",datetime_lt:"2026-11-01T10:20:00Z"`:                                                20,
		`datetimeSixHours:"2026-11-01T06:00:00Z",datetimeMinute_geq:"2026-11-01T11:59:00Z"`:                                     1,
		`date:"2026-11-01",datetime_geq:"2026-11-01T11:57:00Z"`:                                                                 3,
		`date_gt:"2026-10-31",datetime_lt:"2026-11-01T00:07:00Z"`:                                                               7,
		`date_leq:"2026-10-31",datetime_geq:"2026-10-31T23:56:00Z"`:                                                             4,
		`AND:[{datetime_geq:"2026-11-01T11:50:00Z"},{datetime_lt:"2026-11-01T11:58:00Z"},{datetime_lt:"2026-11-01T11:52:00Z"}]`: 2,
		`datetime_geq:"2026-11-01T11:53:00Z",datetime_lt:"2026-11-01T11:50:00Z"`:                                                0,
		`datetime_geq:"2026-11-01T13:00:00Z"`:                                                                                   0,
	} {
		data := rowsOfAll(t, c, account, `x:workersInvocationsAdaptive(limit:1000,filter:{`+filter+`}){sum{requests} dimensions{datetimeMinute}}`, "x")
		var rows []any
		if err := json.Unmarshal(data, &rows); err != nil || len(rows) != want {
			t.Errorf("%s: got %d minutes, want %d", filter, len(rows), want)
		}
	}
}

// publishedDatasets are the fields of the datasets in the schema of the GraphQL API (introspection, December 2025), as
// far as the simulator has them. uint64 and its like are int, float64 and float32 are number.
func publishedDatasets() map[string]string {
	return map[string]string{
		"aiInferenceAdaptiveGroups": `
			count                             int
			dimensions.date                   date
			dimensions.datetime               time
			dimensions.datetimeFifteenMinutes time
			dimensions.datetimeFiveMinutes    time
			dimensions.datetimeHour           time
			dimensions.datetimeMinute         time
			dimensions.datetimeSixHours       time
			dimensions.errorCode              int
			dimensions.modelId                string
			dimensions.requestSource          string
			dimensions.tag                    string
			sum.totalAudioSeconds             number
			sum.totalInferenceTimeMs          int
			sum.totalInputTokens              number
			sum.totalNeurons                  number
			sum.totalOutputTokens             number
			sum.totalRequestBytesIn           int
			sum.totalRequestBytesOut          int
			sum.totalTiles                    number
		`,
		"d1AnalyticsAdaptiveGroups": `
			count                                int
			avg.queryBatchResponseBytes          number
			avg.queryBatchTimeMs                 number
			avg.sampleInterval                   number
			dimensions.databaseId                string
			dimensions.databaseRole              string
			dimensions.date                      date
			dimensions.datetimeFifteenMinutes    time
			dimensions.datetimeFiveMinutes       time
			dimensions.datetimeHour              time
			dimensions.datetimeMinute            time
			dimensions.datetimeSixHours          time
			dimensions.servedByInstance          string
			dimensions.servedByRegion            string
			quantiles.queryBatchResponseBytesP50 number
			quantiles.queryBatchResponseBytesP90 number
			quantiles.queryBatchTimeMsP50        number
			quantiles.queryBatchTimeMsP90        number
			sum.queryBatchResponseBytes          number
			sum.readQueries                      int
			sum.rowsRead                         int
			sum.rowsWritten                      int
			sum.writeQueries                     int
		`,
		"d1StorageAdaptiveGroups": `
			dimensions.databaseId             string
			dimensions.date                   date
			dimensions.datetimeFifteenMinutes time
			dimensions.datetimeFiveMinutes    time
			dimensions.datetimeHour           time
			dimensions.datetimeMinute         time
			dimensions.datetimeSixHours       time
			max.databaseSizeBytes             int
		`,
		"durableObjectsInvocationsAdaptiveGroups": `
			avg.sampleInterval                number
			dimensions.date                   date
			dimensions.datetime               time
			dimensions.datetimeFifteenMinutes time
			dimensions.datetimeFiveMinutes    time
			dimensions.datetimeHour           time
			dimensions.datetimeMinute         time
			dimensions.datetimeSixHours       time
			dimensions.environmentName        string
			dimensions.namespaceId            string
			dimensions.objectId               string
			dimensions.scriptName             string
			dimensions.status                 string
			quantiles.responseBodySizeP25     number
			quantiles.responseBodySizeP50     number
			quantiles.responseBodySizeP75     number
			quantiles.responseBodySizeP90     number
			quantiles.responseBodySizeP99     number
			quantiles.responseBodySizeP999    number
			quantiles.wallTimeP25             number
			quantiles.wallTimeP50             number
			quantiles.wallTimeP75             number
			quantiles.wallTimeP90             number
			quantiles.wallTimeP99             number
			quantiles.wallTimeP999            number
			sum.errors                        int
			sum.requests                      int
			sum.responseBodySize              int
			sum.wallTime                      int
		`,
		"durableObjectsPeriodicGroups": `
			dimensions.date                   date
			dimensions.datetimeFifteenMinutes time
			dimensions.datetimeFiveMinutes    time
			dimensions.datetimeHour           time
			dimensions.datetimeMinute         time
			dimensions.datetimeSixHours       time
			dimensions.namespaceId            string
			dimensions.objectId               string
			sum.activeTime                    int
			sum.cpuTime                       int
			sum.duration                      number
			sum.exceededCpuErrors             int
			sum.exceededMemoryErrors          int
			sum.fatalInternalErrors           int
			sum.inboundWebsocketMsgCount      int
			sum.outboundWebsocketMsgCount     int
			sum.rowsRead                      int
			sum.rowsWritten                   int
			sum.storageDeletes                int
			sum.storageReadUnits              int
			sum.storageWriteUnits             int
			sum.subrequests                   int
		`,
		"kvOperationsAdaptiveGroups": `
			count                         int
			avg.sampleInterval            number
			dimensions.actionType         string
			dimensions.date               date
			dimensions.datetime           time
			dimensions.datetimeHour       time
			dimensions.datetimeMinute     time
			dimensions.namespaceId        string
			dimensions.responseStatusCode int
			dimensions.result             string
			quantiles.latencyMsP25        number
			quantiles.latencyMsP50        number
			quantiles.latencyMsP75        number
			quantiles.latencyMsP90        number
			quantiles.latencyMsP99        number
			quantiles.latencyMsP999       number
			sum.objectBytes               int
			sum.requests                  int
		`,
		"kvStorageAdaptiveGroups": `
			dimensions.date           date
			dimensions.datetime       time
			dimensions.datetimeHour   time
			dimensions.datetimeMinute time
			dimensions.namespaceId    string
			max.byteCount             int
			max.keyCount              int
		`,
		"pagesFunctionsInvocationsAdaptiveGroups": `
			avg.sampleInterval          number
			dimensions.date             date
			dimensions.datetime         time
			dimensions.datetimeHour     time
			dimensions.datetimeMinute   time
			dimensions.datetimeSixHours time
			dimensions.scriptName       string
			dimensions.status           string
			dimensions.usageModel       string
			quantiles.cpuTimeP50        number
			quantiles.cpuTimeP75        number
			quantiles.cpuTimeP99        number
			quantiles.cpuTimeP999       number
			quantiles.durationP50       number
			quantiles.durationP75       number
			quantiles.durationP99       number
			quantiles.durationP999      number
			sum.clientDisconnects       int
			sum.duration                number
			sum.errors                  int
			sum.requests                int
			sum.responseBodySize        int
			sum.subrequests             int
			sum.wallTime                int
		`,
		"queueBacklogAdaptiveGroups": `
			avg.bytes                         int
			avg.messages                      int
			avg.sampleInterval                number
			dimensions.date                   date
			dimensions.datetime               time
			dimensions.datetimeFifteenMinutes time
			dimensions.datetimeFiveMinutes    time
			dimensions.datetimeHour           time
			dimensions.datetimeMinute         time
			dimensions.datetimeSixHours       time
			dimensions.queueId                string
		`,
		"queueMessageOperationsAdaptiveGroups": `
			count                             int
			avg.sampleInterval                number
			dimensions.actionType             string
			dimensions.consumerType           string
			dimensions.date                   date
			dimensions.datetime               time
			dimensions.datetimeFifteenMinutes time
			dimensions.datetimeFiveMinutes    time
			dimensions.datetimeHour           time
			dimensions.datetimeMinute         time
			dimensions.datetimeSixHours       time
			dimensions.outcome                string
			dimensions.queueId                string
			sum.billableOperations            int
			sum.bytes                         int
		`,
		"r2OperationsAdaptiveGroups": `
			dimensions.actionStatus       string
			dimensions.actionType         string
			dimensions.bucketName         string
			dimensions.date               date
			dimensions.datetime           time
			dimensions.datetimeHour       time
			dimensions.datetimeMinute     time
			dimensions.eyeballRegion      string
			dimensions.objectName         string
			dimensions.responseStatusCode int
			dimensions.storageClass       string
			sum.requests                  int
			sum.responseBytes             int
			sum.responseObjectSize        int
		`,
		"r2StorageAdaptiveGroups": `
			dimensions.bucketName     string
			dimensions.date           date
			dimensions.datetime       time
			dimensions.datetimeHour   time
			dimensions.datetimeMinute time
			dimensions.storageClass   string
			max.metadataSize          int
			max.objectCount           int
			max.payloadSize           int
			max.uploadCount           int
		`,
		"workersInvocationsAdaptive": `
			avg.sampleInterval                number
			dimensions.coloCode               string
			dimensions.date                   date
			dimensions.datetime               time
			dimensions.datetimeFifteenMinutes time
			dimensions.datetimeFiveMinutes    time
			dimensions.datetimeHour           time
			dimensions.datetimeMinute         time
			dimensions.datetimeSixHours       time
			dimensions.dispatchNamespaceName  string
			dimensions.environmentName        string
			dimensions.isDispatcher           int
			dimensions.scriptName             string
			dimensions.scriptTag              string
			dimensions.scriptVersion          string
			dimensions.status                 string
			dimensions.usageModel             string
			quantiles.cpuTimeP25              number
			quantiles.cpuTimeP50              number
			quantiles.cpuTimeP75              number
			quantiles.cpuTimeP90              number
			quantiles.cpuTimeP95              number
			quantiles.cpuTimeP99              number
			quantiles.cpuTimeP999             number
			quantiles.durationP25             number
			quantiles.durationP50             number
			quantiles.durationP75             number
			quantiles.durationP90             number
			quantiles.durationP95             number
			quantiles.durationP99             number
			quantiles.durationP999            number
			quantiles.requestDurationP25      number
			quantiles.requestDurationP50      number
			quantiles.requestDurationP75      number
			quantiles.requestDurationP90      number
			quantiles.requestDurationP95      number
			quantiles.requestDurationP99      number
			quantiles.requestDurationP999     number
			quantiles.responseBodySizeP25     number
			quantiles.responseBodySizeP50     number
			quantiles.responseBodySizeP75     number
			quantiles.responseBodySizeP90     number
			quantiles.responseBodySizeP95     number
			quantiles.responseBodySizeP99     number
			quantiles.responseBodySizeP999    number
			quantiles.wallTimeP25             number
			quantiles.wallTimeP50             number
			quantiles.wallTimeP75             number
			quantiles.wallTimeP90             number
			quantiles.wallTimeP95             number
			quantiles.wallTimeP99             number
			quantiles.wallTimeP999            number
			sum.clientDisconnects             int
			sum.cpuTimeUs                     int
			sum.duration                      number
			sum.errors                        int
			sum.requestDuration               number
			sum.requests                      int
			sum.responseBodySize              int
			sum.subrequests                   int
			sum.wallTime                      int
		`,
	}
}
