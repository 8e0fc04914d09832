package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/atomicfile"
)

func (a *app) configCommand(registry provider.Registry) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Make, check and show the configuration",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&path, "config", "", "configuration `file` (default ~/.config/cloudtop/config.json)")
	cmd.AddCommand(a.configInit(registry, &path), a.configValidate(registry, &path), a.configView(registry, &path),
		a.configSchema(registry))
	return cmd
}

func (a *app) configInit(registry provider.Registry, path *string) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:     "init",
		Short:   "Write a configuration with the providers that credentials are found for",
		Long:    "Write a configuration with the providers that credentials are found for. The others are not in it: they are used as\nsoon as a credential is found. Secrets stay where they are: the file only says where to find them.",
		Example: "  cloudtop config init\n  cloudtop config init --config ./cloudtop.json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			file := a.source.Path(*path)
			if a.source.Home == "" && strings.HasPrefix(file, "~") {
				return usagef("there is no home folder to write to: name a file with --config, or set HOME")
			}
			if err := writeNew(file, config.Example(a.source, registry), force); err != nil {
				if errors.Is(err, fs.ErrExist) {
					return usagef("%s exists already: --force replaces it", file)
				}
				return err
			}
			fmt.Fprintf(a.err, "wrote %s\nRun 'cloudtop doctor' to see what each provider can read.\n", file)
			return nil
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace a file that exists")
	return cmd
}

// writeNew writes a file that only its owner can read, whole or not at all. It replaces an old one only by force.
func writeNew(file string, data []byte, force bool) error {
	if _, err := os.Lstat(file); err == nil && !force {
		return fs.ErrExist
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return atomicfile.Write(file, data)
}

func (a *app) configValidate(registry provider.Registry, path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "Check the configuration: every error with its line, column and field",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			file := a.source.Path(*path)
			c, err := config.Load(a.source, file, true, registry)
			if err != nil {
				return usagef("%v", err)
			}
			a.warn(c.Warnings())
			_, err = fmt.Fprintf(a.out, "%s is valid\n", file)
			return writeErr(err)
		},
	}
}

func (a *app) configView(registry provider.Registry, path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "view",
		Short: "Print the configuration in force, without secrets, and where each credential is found",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := config.Load(a.source, a.source.Path(*path), *path != "", registry)
			if err != nil {
				return usagef("%v", err)
			}
			_, err = a.out.Write(c.View(a.source, registry))
			return err
		},
	}
}

func (a *app) configSchema(registry provider.Registry) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of the configuration",
		Example: "  cloudtop config schema > config.schema.json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			data, err := config.Schema(registry)
			if err != nil {
				return err
			}
			_, err = a.out.Write(data)
			return err
		},
	}
}
