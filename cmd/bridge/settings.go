package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/joho/godotenv"
	"github.com/spf13/pflag"

	"github.com/cloudforgot/cloudforgot/bridge"
)

// dotEnvFile is read from the current directory, as Twilio's Functions toolkit does.
const dotEnvFile = ".env"

// settings are the values of flags and variables by the flag's name; credentials go by their variable's name.
type settings map[string]string

var credentials = []string{"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "STUDIO_FLOW_SID"}

// readSettings puts flags over the environment over the .env file, which may be missing.
func readSettings(flags *pflag.FlagSet, dotEnv string) (settings, error) {
	fromFile, err := godotenv.Read(dotEnv)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s cannot be read: %w", dotEnv, err)
	}
	lookup := func(variable string) (string, bool) {
		if value, ok := os.LookupEnv(variable); ok {
			return value, true
		}
		value, ok := fromFile[variable]
		return value, ok
	}
	set := settings{}
	for _, f := range serveFlags {
		set[f.name] = flags.Lookup(f.name).Value.String()
		if value, ok := lookup(f.variable); ok && value != "" && !flags.Changed(f.name) {
			set[f.name] = value
		}
	}
	for _, variable := range credentials {
		set[variable], _ = lookup(variable)
	}
	return set, nil
}

// bridge is the configuration of the handler.
func (s settings) bridge(log *slog.Logger) bridge.Config {
	return bridge.Config{
		AccountSID: s["TWILIO_ACCOUNT_SID"],
		AuthToken:  s["TWILIO_AUTH_TOKEN"],
		FlowSID:    s["STUDIO_FLOW_SID"],
		Policy:     bridge.Policy(s["policy"]),
		PublicURL:  s["public-url"],
		APIURL:     s["api-url"],
		Logger:     log,
	}
}
