package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/pkg/nearest"
)

// flagError says what a flag takes instead.
func flagError(c *cobra.Command, err error) error {
	text := err.Error()
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		if expected := takes(e.GetFlag()); expected != "" {
			text = fmt.Sprintf("--%s %q: expected %s", e.GetFlag().Name, e.GetValue(), expected)
		}
	}
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok && e.GetSpecifiedShortnames() == "" {
		text += meantFlag(c, e.GetSpecifiedName())
	}
	return usagef("%s\nRun '%s --help' for what there is.", text, c.CommandPath())
}

// meantFlag is the hint for a word that is no flag: the flag of the provider that it names, one that it begins, or the
// nearest; "" where there is none.
func meantFlag(c *cobra.Command, word string) string {
	var names []string
	begun := "" // the shortest name that the word begins
	c.Flags().VisitAll(func(f *pflag.Flag) {
		names = append(names, f.Name)
		if len(word) > 1 && strings.HasPrefix(f.Name, strings.ToLower(word)) && (begun == "" || len(f.Name) < len(begun)) {
			begun = f.Name
		}
	})
	if s, ok := all.Specs().Lookup(word); ok && slices.Contains(names, s.Name) {
		begun = s.Name
	}
	if meant := cmp.Or(begun, nearest.Of(word, names)); meant != "" {
		return "\nDid you mean --" + meant + "?"
	}
	return ""
}

// takes says what values a flag has; "" where any text is one.
func takes(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return "true or false"
	case "int", "uint64":
		return "a whole number"
	case "float64":
		return "a number"
	case "duration":
		return "a number with a unit, like 30s or 1m"
	}
	return ""
}

// noArgs refuses arguments with a hint: most who give one mean a flag.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var commands []string
	for _, c := range cmd.Commands() {
		commands = append(commands, c.Name())
	}
	hint := meantFlag(cmd, args[0])
	if near := nearest.Of(args[0], commands); near != "" && cmd.Flags().Lookup(strings.ToLower(args[0])) == nil {
		hint = fmt.Sprintf("\nDid you mean '%s %s'?", cmd.CommandPath(), near)
	}
	return usagef("unknown command %q for %q%s\nRun '%s --help' for what there is.", args[0], cmd.CommandPath(), hint, cmd.CommandPath())
}

// strictHelp has the commands that come with the command line refuse what they do not know, as ours do.
func strictHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error {
				if found, rest, err := root.Find(args); err == nil && found.HasSubCommands() {
					return noArgs(found, rest)
				}
				return nil
			}
		case "completion":
			c.Args, c.RunE = noArgs, func(c *cobra.Command, _ []string) error { return c.Help() }
			for _, shell := range c.Commands() {
				shell.Args = noArgs
			}
		}
	}
}
