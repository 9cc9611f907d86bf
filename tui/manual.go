package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// helpLines are the help page: commands, keys, and what the signs mean.
func (m *Model) helpLines() []string {
	var lines []string
	section := func(title string, rows [][2]string) {
		lines = append(lines, " "+m.styles.title.Render(title))
		column := 0
		for _, row := range rows {
			column = max(column, cells(row[0]))
		}
		for _, row := range rows {
			for i, text := range wrap(row[1], m.width-column-6, "") {
				name := strings.Repeat(" ", column)
				if i == 0 {
					name = fit(row[0], column)
				}
				lines = append(lines, "   "+m.styles.key.Render(name)+"  "+text)
			}
		}
		lines = append(lines, "")
	}
	for _, about := range []part{partMessages, partPhone, partEmulator, partScreen} {
		var commands [][2]string
		for _, f := range forms() {
			if f.part == about {
				commands = append(commands, [2]string{f.usage(), f.does})
			}
		}
		if about == partMessages {
			commands = append(commands, [2]string{"//TEXT", "send a text that begins with a slash"})
		}
		section(string(about), commands)
	}
	section("Keys", keyRows(m.keys.FullHelp()))
	section("Under a message", [][2]string{
		{"CH3f2a…", "the conversation that it is part of; without, it is in none"},
		{"✓  ✓✓", "sent, and delivered"},
		{"✓✓ read", "delivered and read"},
		{"✗ 63015", "it never reached the phone, with Twilio's error code"},
	})
	section("Behind the chat", [][2]string{
		{string(kindAPI), "a request to Twilio's API, its status, and how long it took"},
		{string(kindWebhook), "a request that Twilio makes, and what was answered"},
		{string(kindEvent), "what happened to a conversation, in Twilio's words"},
		{string(kindPhone), "a message of or for a phone"},
		{string(kindSandbox), "a phone joined or left"},
		{string(kindStudio), "an execution of a Studio flow"},
		{string(kindClock), "somebody moved, froze or started the emulator's clock"},
		{string(kindAlert), "an entry of Twilio's debugger: something went wrong; see /alerts"},
	})
	return lines
}

func keyRows(groups [][]key.Binding) (rows [][2]string) {
	for _, group := range groups {
		for _, b := range group {
			rows = append(rows, [2]string{b.Help().Key, b.Help().Desc})
		}
	}
	return rows
}
