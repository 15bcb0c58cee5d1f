#include "daemon/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "daemon/cli/subcommands.h"
#include "daemon/config/suggestion.h"
#include "daemon/version/version.h"

namespace signinwatch::cli {
namespace {

std::vector<std::string> CommandNames(const CLI::App& root) {
  std::vector<std::string> names;
  for (const CLI::App* app : root.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(app->get_name());
  }
  return names;
}

// What is said when no command was recognised: `argument` is the first one that is no option, empty
// if there is none; `more` is what is allowed beside commands.
std::string NoCommandText(const CLI::App& app, const std::string& argument,
                          const std::string& more) {
  const std::vector<std::string> names = CommandNames(app);
  std::string text =
      argument.empty() ? "no command is given" : "unknown command '" + argument + "'";
  if (const std::string* near = config::NearestName(argument, names); near != nullptr) {
    text += ", did you mean '" + *near + "'?";
  }
  text += text.back() == '?' ? " allowed: " : ", allowed: ";
  for (const std::string& name : names) text += name + ", ";
  return text + more;
}

// The first argument that is no option; empty if there is none.
std::string FirstWord(const std::vector<std::string>& arguments) {
  const auto word = std::find_if(arguments.begin(), arguments.end(), [](const std::string& text) {
    return !text.empty() && text.front() != '-';
  });
  return word == arguments.end() ? "" : *word;
}

// For those who mistyped one.
std::string OptionNames(const CLI::App& app) {
  std::string names;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) continue;
    names += (names.empty() ? "" : ", ") + option->get_name();
  }
  return names;
}

// The first of the arguments behind the command that looks like an option and is none of its;
// empty: there is none. What follows an option that takes a value is that value, and "--" ends the
// options.
std::string UnknownOption(const CLI::App& app, const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    const std::string& argument = arguments[i];
    if (argument.size() < 2 || argument.front() != '-') continue;
    const std::string name = argument.substr(0, argument.find('='));
    const CLI::Option* option = app.get_option_no_throw(name);
    if (option == nullptr) return name;
    if (option->get_items_expected_min() > 0 && name == argument) ++i;
  }
  return {};
}

std::string UnknownOptionText(const CLI::App& app, const std::string& option) {
  std::vector<std::string> names;
  for (const CLI::Option* each : app.get_options()) {
    if (!each->get_positional()) names.push_back(each->get_name());
  }
  std::string text = "unknown option '" + option + "'";
  if (const std::string* near = config::NearestName(option, names); near != nullptr) {
    text += ", did you mean '" + *near + "'?";
  }
  return text + (text.back() == '?' ? " allowed: " : ", allowed: ") + OptionNames(app);
}

BadUsage Explain(const CLI::App& root, const CLI::ParseError& error,
                 const std::vector<std::string>& arguments) {
  const CLI::App* app = &root;
  std::string name = "signinwatch";
  auto behind_command = arguments.begin();
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    name += " " + app->get_name();
    behind_command = std::find(behind_command, arguments.end(), app->get_name());
    if (behind_command != arguments.end()) ++behind_command;
  }
  if (app == &root) {
    const std::string word = FirstWord(arguments);
    if (word.empty() && !arguments.empty()) {
      return {"signinwatch: unknown option '" + arguments.front() +
              "', allowed: a command, --help, --version\n"};
    }
    return {"signinwatch: " + NoCommandText(root, word, "--help, --version") + "\n"};
  }
  if (!CommandNames(*app).empty()) {
    // What follows the command, if that is no option.
    const auto behind = std::find(arguments.begin(), arguments.end(), app->get_name()) + 1;
    return {
        name + ": " +
        NoCommandText(*app, FirstWord({behind, std::min(behind + 1, arguments.end())}), "--help") +
        "\n"};
  }
  // What is missing is often only misspelt.
  if (const std::string option = UnknownOption(*app, {behind_command, arguments.end()});
      !option.empty()) {
    return {name + ": " + UnknownOptionText(*app, option) + "\n'" + name + " --help' says more\n"};
  }
  std::string text = name + ": " + error.what() + "\n";
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
      dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    text += name + ": allowed: " + OptionNames(*app) + "\n";
  }
  return {text + "'" + name + " --help' says more\n"};
}

// CLI11 takes an argument like [a,b] for a list written in one word. As a path it must stay whole.
std::vector<std::string> ArgumentTexts(int argc, const char* const* argv) {
  std::vector<std::string> texts;
  for (int i = 1; i < argc; ++i) {
    std::string text = argv[i];
    if (text.starts_with('[') && text.ends_with(']')) text.insert(0, "./");
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace

Command ParseArguments(int argc, const char* const* argv) {
  const std::vector<std::string> arguments = ArgumentTexts(argc, argv);
  CLI::App root(
      "Finds bursts of failed Entra ID sign-ins whose session a password change made invalid\n"
      "(AADSTS50132, 50133, 50173), explains them, and writes tickets.",
      "signinwatch");
  ServeCommand serve;
  ReplayCommand replay;
  TicketsCommand tickets;
  SinksCommand sinks;
  DoctorCommand doctor;
  DemoCommand demo;
  GenerateCommand generate;
  CheckConfigCommand check;
  ExampleConfigCommand example;
  RulesCommand rules;
  root.require_subcommand(1);
  root.get_formatter()->column_width(32);
  root.set_version_flag("--version", version::VersionText())
      ->description("Print the version, how it was built, and the versions of the libraries");
  AddServe(&root, &serve);
  AddReplay(&root, &replay);
  AddTickets(&root, &tickets);
  AddSinks(&root, &sinks);
  AddDoctor(&root, &doctor);
  AddDemo(&root, &demo);
  AddGenerate(&root, &generate);
  AddCheckConfig(&root, &check);
  AddExampleConfig(&root, &example);
  AddMetricsReference(&root);
  AddRules(&root, &rules);
  root.footer(
      "Exit codes: 0 fine, 1 failed while running, 2 bad usage or configuration.\n\n"
      "Examples:\n"
      "  signinwatch replay PT1H.json\n"
      "  signinwatch replay --format text --config signinwatch.yaml exports/*.json.gz\n"
      "  signinwatch doctor --config signinwatch.yaml\n"
      "  signinwatch serve --config signinwatch.yaml\n"
      "  signinwatch demo\n"
      "'signinwatch COMMAND --help' says more about a command.");
  try {
    root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return PrintCommand{root.help()};  // of the command that --help follows
  } catch (const CLI::CallForVersion&) {
    return PrintCommand{version::VersionText()};
  } catch (const CLI::ParseError& error) {
    return Explain(root, error, arguments);
  }
  if (root.got_subcommand("serve")) return serve;
  if (root.got_subcommand("replay")) return replay;
  if (root.got_subcommand("tickets")) return tickets;
  if (root.got_subcommand("sinks")) return sinks;
  if (root.got_subcommand("doctor")) return doctor;
  if (root.got_subcommand("demo")) return demo;
  if (root.got_subcommand("check-config")) return check;
  if (root.got_subcommand("example-config")) return example;
  if (root.got_subcommand("metrics-reference")) return MetricsReferenceCommand{};
  if (root.got_subcommand("rules")) return rules;
  return generate;
}

}  // namespace signinwatch::cli
