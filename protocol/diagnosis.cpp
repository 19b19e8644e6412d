#include "protocol/diagnosis.hpp"

#include <algorithm>
#include <array>

namespace authd {
namespace {

namespace catalogue {

using enum Severity;
using enum Evidence;

// Each row: code, name, severity, evidence, title, cause, remedy, detection.
constexpr std::array rows = std::to_array<Diagnosis>({
    // ---- Nothing else can be judged while these hold
    {"F801", "file.unparseable", error, files, "A settings file is broken",
     "A settings file is not JSON as Qwen Code reads it, so Qwen Code does not start, or treats "
     "the file as empty; or a member occurs twice, and the last one hides the first.",
     "Mend the line that is named; where trailing commas or a byte order mark are all that is "
     "wrong, the repair takes out just these.",
     "Told for a file that does not parse, is empty, holds conflict markers, has trailing commas "
     "or begins with a byte order mark, and for a member that occurs twice with two values. That "
     "is a warning where neither model, endpoint nor key come from it. Comments are allowed and "
     "never told."},
    {"F803", "file.symlink-readonly", error, files, "The settings file cannot be written",
     "The settings file, or what its symlink points to, cannot be written, so nothing can be saved "
     "there.",
     "Make the file writable, change it where it is managed, or save to another scope.",
     "Told where a write would fail: a read-only file or directory, a file of another user, one in "
     "the Nix store. A symlink to a file that can be written is healthy."},
    {"D951", "daemon.socket", error, files, "The daemon's socket cannot be used",
     "The path of the socket is longer than the kernel takes, or belongs to somebody else, so "
     "clients cannot reach the daemon.",
     "Set XDG_RUNTIME_DIR or QWEN_AUTHD_SOCKET to a short path in a directory of your own.",
     "Told where the caller's environment names a socket of more than 107 bytes. A path that only "
     "differs from the running daemon's is not told."},

    // ---- What Qwen Code starts with
    {"P408", "provider.fatal-entry", error, files, "A model entry stops Qwen Code",
     "An entry under modelProviders is such that Qwen Code ends at its start, whichever model is "
     "selected.",
     "Give the entry what it lacks, or remove it.",
     "Told for entries without an id, null entries, a wrong wireApi and what else is fatal in the "
     "version that is used. Entries that are only passed over are not told."},
    {"P401", "provider.selected-type", error, files, "No usable authentication type is selected",
     "security.auth.selectedType is missing, unknown, discontinued, or not the protocol of the "
     "selected model.",
     "Select a model that is configured, or set one up.",
     "Told where Qwen Code would not start, where all models are of another type than the one "
     "that is selected, and where the type would be taken from variables although models are "
     "configured. A set-up made of variables alone is healthy."},
    {"P402", "provider.unknown-key", error, files, "A provider's models are passed over",
     "A member of modelProviders is no protocol of Qwen Code and is mapped to none, or is no list, "
     "or modelProviders itself is no object, so models are left out without a word.",
     "Map the name by providerProtocol, or move the list to the protocol that it speaks: "
     "{\"openai\": [{\"id\": …, \"baseUrl\": …, \"envKey\": …}]}.",
     "Told for each such member; an error only where the selected model is in it. Names that "
     "providerProtocol maps are healthy."},
    {"S901", "sec.foreign-origin", error, files, "A repository redirects your key",
     "The base URL comes from the workspace, and the key from your own settings or shell: who "
     "controls the repository decides who gets the key.",
     "Remove the base URL from the workspace, or set this host up yourself if it is meant.",
     "Told where the endpoint comes from a workspace's settings or .env file and the key does not. "
     "Not told for an endpoint that your own settings, or the preset of that variable, bind to the "
     "same key."},
    {"K209", "key.in-envKey", error, files, "envKey holds a key instead of a name",
     "envKey must be the name of a variable; it holds something else, mostly the key itself.",
     "Move the key to env in settings.json, and put the variable's name into envKey.",
     "Told where envKey is not made of letters, digits and underscores, or looks like a key. An "
     "error only for the selected model."},

    // ---- Where the key comes from
    {"E106", "env.near-miss", warning, files, "A variable has nearly the right name",
     "A variable is set whose name nearly is the one that Qwen Code reads, which is not set.",
     "Rename the variable.",
     "Told where the variable that is needed is set nowhere and another one is the same vendor's "
     "by "
     "another name (GOOGLE_API_KEY, OPENAI_API_BASE, KIMI_TOKEN) or two letters away. Variables "
     "that an entry names are never told."},
    {"E104", "env.untrusted-ignored", warning, files, "A .env file is ignored: not trusted",
     "The key is in a .env file of a folder that is not trusted, so Qwen Code does not read it.",
     "Trust the folder, or store the key at user level.",
     "Told where nothing else sets the variable. A .env file that sets other variables is not."},
    {"E109", "env.placeholder-empty", error, files, "A placeholder stands for nothing",
     "A $NAME in the settings is not replaced, or is replaced by nothing, because the variable is "
     "not set where Qwen Code looks.",
     "Set the variable, or write the value itself.",
     "Told for keys, base URLs and variables' names of models whose placeholder stays as it is or "
     "becomes empty. A placeholder that resolves is healthy."},
    {"E108", "env.parse-trap", warning, files, "A .env line is read otherwise than it looks",
     "Quotes or a # in a line of a .env file change the value that Qwen Code reads.",
     "Put the value into quotes.",
     "Told for variables that decide something here, where a # cuts the value without a blank "
     "before it, or "
     "quotes stay in the value. A comment behind a blank is healthy."},
    {"E101", "env.shadowed", error, files, "Another place outranks what was saved",
     "A variable of your shell, or of ~/.qwen/.env or ~/.env, has another value than the settings, "
     "which it outranks.",
     "Unset the variable, or give the model a variable of its own.",
     "Told where both have a value and the two differ. The same value in both places is healthy, "
     "and so is one .env file of yours that comes before another."},
    {"E102", "env.project-dotenv", warning, files, "A project's .env replaces your key",
     "A .env file of this project sets the variable, so your own key is not used here.",
     "Move the project's key to .qwen/.env if it is meant for Qwen Code, or give your model a "
     "variable of its own.",
     "Told where the values differ. A key in .qwen/.env is meant for Qwen Code and is not told."},
    {"E105", "env.unset", error, files, "The key is set nowhere",
     "The selected model names a variable that no place sets, or the key stands where Qwen Code "
     "reads none, such as apiKey in the entry.",
     "Save the key under env in settings.json, or export the variable.",
     "Told for the selected model, with the place of a key that is found elsewhere in the "
     "settings. Not told where a command prints the key (keys.json), or where "
     "none is needed."},
    {"E107", "env.client-differs", warning, files, "Other programs have another environment",
     "The key resolves otherwise in the environment of the daemon than in yours, so an editor or a "
     "service may fail where the terminal works, or the reverse.",
     "Store the key in settings.json or ~/.qwen/.env, where every program finds it.",
     "Told where the caller has the key from its shell alone and the daemon does not, or the "
     "reverse. A note only, unless the daemon runs as a service or the caller is the one without."},
    {"E111", "env.other-key", warning, files, "Another variable's key is sent",
     "The variable that the entry names is not set, so Qwen Code sends the protocol's general key "
     "to this endpoint.",
     "Set the variable that the entry names.",
     "Told for the selected model where both variables differ in that way."},
    {"E110", "env.expanded", warning, files, "A $NAME in the value would be replaced",
     "Qwen Code replaces $NAME in settings.json by the variable's value, and has no way to escape "
     "it.",
     "Keep a value with $ in a .env file.", "Told when such a value is entered."},

    // ---- The key as it is
    {"K206", "key.shape", error, files, "The key does not look like a key",
     "The value is a URL, a masked key, a whole line or too short, so it was pasted by mistake.",
     "Enter the key again; a prefix such as \"Bearer \" can be taken off.",
     "Told for values that begin like a URL or a path, with Bearer or with NAME=, that hold stars, "
     "bullets, dots or blanks, that other programs replace (%NAME%, {env:NAME}, op://…), that are "
     "samples, a variable's name, JSON, or one key twice, and for fewer than 12 characters. A "
     "short placeholder for a server on this "
     "machine or in a private network is healthy."},
    {"K205", "key.chars", error, files, "A character in the key cannot be sent",
     "The key holds a character outside printable ASCII, which no HTTP header takes.",
     "Take the character out, or enter the key again.",
     "Told with the character and its place. It is safe to remove at the ends, where it is "
     "invisible."},
    {"K207", "key.vendor-hint", warning, files, "The key looks like another vendor's",
     "The key begins as keys of one vendor do, and the base URL is another vendor's.",
     "Use the base URL of the key's vendor, or the other key.",
     "Told where both vendors are known. Gateways and unknown hosts are not told; prefixes are "
     "hints, not rules."},
    {"K201", "key.plan-endpoint", error, either, "The key belongs to another plan",
     "The key is of one plan (pay-as-you-go, Coding Plan, Token Plan) and the endpoint of another.",
     "Switch to the endpoint of the key's plan.",
     "A hint from the key's first characters, which is a warning; certain where the provider says "
     "so."},

    // ---- The URL
    {"U303", "url.native-path", error, files, "The base URL is the vendor's native API",
     "The path leads to an API that does not speak the protocol of the entry.",
     "Use the path of the compatible API.",
     "Told for DashScope's /api/v1, Ollama's and LM Studio's own /api, deployment paths of Azure, "
     "also behind a gateway, web pages of vendors, and Gemini's own API under openai."},
    {"U302", "url.full-endpoint", error, either, "The base URL is a whole endpoint",
     "Qwen Code appends the path of the request itself, so it would stand there twice.",
     "Give the base, without the path of the request.",
     "Told for URLs that end like /chat/completions, /messages, /responses or :generateContent."},
    {"U301", "url.protocol-suffix", error, either, "The version in the base URL is wrong",
     "openai needs a version path such as /v1, anthropic and gemini append theirs themselves.",
     "Correct the end of the base URL.",
     "Told for anthropic and gemini that end with a version, and for openai without one. Vendors "
     "that document a base without a version are healthy; unknown hosts are a warning until a "
     "probe "
     "says more."},
    {"U304", "url.junk", warning, files, "The base URL has something in it that breaks it",
     "A blank, a double slash, a query, a user name, a missing scheme, a part that the "
     "documentation leaves open, or plain http to a public host.",
     "Correct the base URL as suggested.",
     "Told for each of these. Plain http to this machine or to a private network is healthy, and "
     "so "
     "is a slash at the end."},

    // ---- What the selection says
    {"P406", "provider.overridden", warning, files, "A higher place overrides what was saved",
     "security.auth.enforcedType, or the settings of the system or of this folder, decide instead "
     "of what was saved.",
     "Change it in the file that decides, or ask who manages it.",
     "An error where Qwen Code refuses to start because of it; a note where a folder's own "
     "settings "
     "choose another model and that works."},
    {"P404", "provider.model-name", error, files, "model.name is no configured model",
     "No entry of the selected protocol has this id, so Qwen Code takes another one without a "
     "word.",
     "Choose one of the configured models.",
     "A note only where model.name is not set and the first entry is taken."},
    {"P403", "provider.duplicate-model", warning, files, "Two entries compete",
     "The same model is configured twice, or model.baseUrl names none of its endpoints, so the "
     "first entry is taken.",
     "Choose the one that is meant, which writes model.baseUrl; with versions that do not read it, "
     "the entry has to stand first.",
     "Told where the entries differ, and where a list of another scope hides the entry that is "
     "selected. One id at two endpoints is healthy where model.baseUrl picks one."},
    {"P409", "provider.default-endpoint", warning, files, "Nothing names a base URL",
     "Without a base URL Qwen Code sends the OpenAI key to DashScope, and that of an entry to its "
     "protocol's own vendor.",
     "Set OPENAI_BASE_URL, or give the entry a baseUrl.",
     "Told where neither an entry, nor a flag, nor a variable names one, and for an entry that "
     "says it otherwise than by baseUrl, such as base_url."},
    {"P407", "provider.list-copied", warning, files, "Models were copied into the workspace",
     "A list of models in a workspace hides the user's list, so the user's models are copied "
     "along.",
     "Nothing, unless the workspace is not to have them.",
     "Told when a set-up writes such a list."},

    // ---- What a provider answers
    {"N702", "net.tls-disabled", warning, files, "Certificates are not checked",
     "NODE_TLS_REJECT_UNAUTHORIZED=0 turns the check of certificates off, so your key can be read "
     "in transit.",
     "Unset it, and name the missing authority by NODE_EXTRA_CA_CERTS instead.",
     "Told where Qwen Code would see the value 0."},
    {"N704", "net.unreachable", error, answer, "No answer of the provider came",
     "The name does not resolve, the connection is refused, no answer comes in time, or something "
     "else answers with a web page: the key was not tested.",
     "Check the network and the base URL, then try again.", "Told with which of these it was."},
    {"N703", "net.proxy", error, either, "A proxy is in the way",
     "The proxy refuses, cannot be reached, answers itself, gets requests that are for this "
     "machine, or is written so that it is none.",
     "Correct the proxy, or except the host: NO_PROXY=localhost,127.0.0.1,::1.",
     "Told for a proxy of another kind than HTTP, with a path or a blank, and where the two "
     "spellings of its variable disagree; for 407, for a proxy that fails, and where "
     "the direct way has another result; without "
     "asking for a base URL on this machine that NO_PROXY does not except, a warning where the "
     "proxy is on this machine, too. Qwen Code 0.15 does not read NO_PROXY."},
    {"N701", "net.tls-inspect", error, either, "The certificate is not trusted",
     "The chain ends in an authority that Node does not know, as behind TLS inspection.",
     "Export the authority's certificate and name it by NODE_EXTRA_CA_CERTS.",
     "Told with the issuer, where it is known; without asking, as a warning, for a "
     "NODE_EXTRA_CA_CERTS whose file is missing, unreadable or no PEM."},
    {"U305", "url.localhost-family", warning, answer, "localhost is the other address",
     "The server listens on 127.0.0.1 and the name resolves to ::1, or the reverse.",
     "Write the address instead of localhost.", "Told where one refuses and the other listens."},
    {"U306", "url.guest-loopback", warning, answer, "localhost is this container",
     "In a container or WSL localhost is the guest, and the server runs on the host.",
     "Use the host's address.", "Told where the loopback refuses and the host's gateway answers."},
    {"K208", "key.wrong-host-answered", error, answer, "Another vendor answered",
     "The error names another vendor's console than the configured host's, so the key was sent to "
     "the wrong company.",
     "Correct the base URL, and consider replacing the key.", "Told from the provider's words."},
    {"K202", "key.region", error, answer, "The key belongs to another region",
     "The endpoint refuses the key, and the same vendor's endpoint in another region takes it.",
     "Switch to the endpoint that takes it.", "Told after a sweep that you consented to."},
    {"K210", "key.auth-header", error, answer, "The key is expected in another header",
     "The gateway refuses the header that this version of Qwen Code sends and takes the other one.",
     "Set the header by generationConfig.customHeaders.", "Told where the other header succeeds."},
    {"K203", "key.rejected", error, answer, "The provider refused the key",
     "The key is revoked, mistyped, or of another account or vendor.",
     "Look the key up in the provider's console and enter it again.",
     "Told after 401 and its like. Region and plan are looked at first where that is possible."},
    {"K204", "key.unproven", warning, answer, "The endpoint does not check keys",
     "A random key has the same success, so the success proves nothing.",
     "Ask the model itself, which is a stronger check.",
     "Told after a control probe. A server on this machine needs no key and is healthy."},
    {"M501", "model.unknown", error, either, "The model is not offered here",
     "The key is good, and the endpoint does not know the model, or has not sold it.",
     "Choose a model that the endpoint offers; of several models each needs an entry of its own.",
     "Told from the provider's words, and without asking for an id that is a list of several."},
    {"M502", "model.no-tools", error, answer, "The model cannot call tools",
     "It chats, and an agent needs tools.", "Choose a model that can call tools.",
     "Told after a check with tools."},
    {"M503", "model.stream-only", info, answer, "The model only streams",
     "The endpoint wants a streamed request, and Qwen Code streams.", "Nothing.",
     "Told from the provider's words."},
    {"M504", "model.slow-first-token", warning, answer, "The first token is slow",
     "The first token took more than half of the time that Qwen Code waits.",
     "Raise generationConfig.timeout.", "Told from the measured time."},
    {"Q603", "quota.balance", error, answer, "The account is not paid",
     "The key is good, and the account has no balance.", "Pay, or use another account.",
     "Told for 402 and the texts of unpaid accounts, after a wrong plan is excluded."},
    {"Q601", "quota.rate", warning, answer, "Too many requests",
     "The key is good, and the provider wants fewer requests.", "Wait, then try again.",
     "Told for 429 with Retry-After or a rate code."},
    {"Q602", "quota.window", warning, answer, "The quota is used up",
     "The key is good, and the plan's quota for this time is used up.",
     "Wait for the reset, or use another model.", "Told for 429 with the texts of quotas."},

    // ---- Files and traces
    {"F805", "file.in-git", error, files, "A key is in a repository",
     "A file with a key is tracked by git, or would be taken by `git add .`.",
     "Take the file out of git, and replace a key that was committed.",
     "Told for files with a literal key, and for copies of them (settings.json.bak, .env~). An "
     "ignored file, and one with placeholders alone, is "
     "healthy; one that is not tracked yet is a warning."},
    {"F804", "file.owner-mode", warning, files, "Others can read a key",
     "A file with a key can be read by other users, belongs to another user, or stands in a "
     "directory that others can write.",
     "Make the file private.",
     "Told for files that hold a literal key. A file without one may have any mode."},
    {"F802", "file.lossy-writer", warning, files, "Another program dropped settings",
     "A program rewrote the settings and lost members, comments or placeholders.",
     "Restore the members that are missing.",
     "Told for writes that were seen, as long as something of it is still missing or literal."},
    {"F806", "file.duplicate-key", warning, files, "A member occurs twice",
     "Of a member that occurs twice the last one counts, and an edit of the first does nothing.",
     "Remove one of the two.",
     "Told with both lines, by the doctor where both say the same (F801 where they do not), and by "
     "a write that meets such a member."},
    {"F807", "file.comments-missing", warning, files, "Comments are not put back",
     "Comments that a write dropped cannot be put back after the file was edited.",
     "Take them from settings.diff.", "Told by undo and restore."},
    {"F808", "file.not-purged", warning, files, "A copy of the key remains",
     "The key is gone from the file, and could not be taken out of the history.",
     "Remove the copy by hand, and replace the key.", "Told by a purge."},
    {"P405", "provider.leftover", warning, files, "Something of an older set-up is left",
     "Old keys, base URLs, plan data or tokens contradict the selection.", "Remove what is left.",
     "Told where the selection does not use it. Tokens of the ended Qwen OAuth are a note."},
    {"K211", "key.shared-variable", warning, files, "Two endpoints share one variable",
     "A declared key goes into a variable that another endpoint's entry names, which gets it, too.",
     "Give one of them a variable of its own.", "Told when such a document is applied."},
    {"E103", "env.version-rules", info, files, "Another version of Qwen Code reads other files",
     "The versions of Qwen Code differ in which .env files they read, and the result differs here.",
     "Keep the value in one place that all versions read.",
     "Told where another version takes the value from elsewhere."},
    {"D952", "daemon.sessions-stale", info, files, "Sessions still use the old key",
     "Qwen Code reads keys at its start, and a session runs since before the last change.",
     "Restart it.", "Told for running processes of yours that are older than the change."},
    {"S902", "sec.argv-history", warning, files, "A key is in arguments or in the shell's history",
     "What is typed on a command line can be read by others and is kept.",
     "Give keys on standard input, and replace this one.",
     "Told for the arguments that the caller names. Other processes and the shell's history are "
     "looked through only when it is asked for by its code."},
});

}  // namespace catalogue

bool is_same_code(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) {
    return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) ==
           (b >= 'a' && b <= 'z' ? static_cast<char>(b - 'a' + 'A') : b);
  });
}

}  // namespace

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::info: return "info";
  }
  return "info";
}

std::span<const Diagnosis> diagnoses() { return catalogue::rows; }

const Diagnosis* find_diagnosis(std::string_view code) {
  const auto found = std::ranges::find_if(
      catalogue::rows, [&](const Diagnosis& row) { return is_same_code(row.code, code); });
  return found == catalogue::rows.end() ? nullptr : &*found;
}

}  // namespace authd
