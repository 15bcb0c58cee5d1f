// House rules of the documents: what they say is so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/config/reference.h"
#include "tests/house/tree.h"

namespace signinwatch::house {
namespace documents_test {

using testing::ContainerEq;
using testing::IsEmpty;
using testing::Not;

// All first groups of `pattern` in `text`.
std::set<std::string> Matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::set<std::string> matches;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), regex);
       at != std::sregex_iterator(); ++at) {
    matches.insert((*at)[1].str());
  }
  return matches;
}

TEST(Architecture, FolderTableNamesTheFoldersThatExist) {
  // Rows begin with the folder: | `daemon/config/` | ...
  EXPECT_THAT(Matches(TextOf("ARCHITECTURE.md"), "\n\\| `([^`]+)/` \\|"), ContainerEq(Folders()));
}

TEST(Configuration, DocumentsComeFromTheOptionTable) {
  EXPECT_TRUE(TextOf("deploy/CONFIGURATION.md") == config::ConfigurationReference())
      << "run ./dev docs";
  EXPECT_TRUE(TextOf("deploy/config.example.yaml") == config::ConfigurationExample())
      << "run ./dev docs";
}

TEST(Documents, NameCommandsOfDevThatExist) {
  const std::set<std::string> commands = Matches(TextOf("dev"), "\n  ([a-z0-9]+)(?: \\|[^)]*)?\\)");
  EXPECT_THAT(commands, Not(IsEmpty()));
  std::vector<std::string> findings;
  for (const SourceFile& file : Tree()) {
    if (!file.path.ends_with(".md") && file.path != ".ci/run") continue;
    for (const std::string& command : Matches(file.text, "\\./dev ([a-z0-9]+)")) {
      if (!commands.contains(command)) findings.push_back(file.path + ": ./dev " + command);
    }
  }
  EXPECT_THAT(findings, IsEmpty());
  // Each is in the usage text too.
  for (const std::string& command : commands) {
    EXPECT_NE(TextOf("dev").find("\n  " + command + " "), std::string::npos) << command;
  }
}

TEST(Documents, LinkToFilesThatExist) {
  std::vector<std::string> findings;
  for (const SourceFile& file : Tree()) {
    if (!file.path.ends_with(".md")) continue;
    for (const std::string& link : Matches(file.text, "\\]\\(([^):#]+)[)#]")) {
      const auto target = std::filesystem::path(SIGNINWATCH_SOURCE_DIR) /
                          std::filesystem::path(file.path).parent_path() / link;
      if (!std::filesystem::exists(target)) findings.push_back(file.path + ": " + link);
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

// Sections of the contract by number, and the numbered points of each: "6", "6.2", "5.4".
std::set<std::string> ContractNumbers() {
  const std::regex heading("^##+ ([0-9.]+) .*");
  const std::regex point("^([0-9]+)\\. .*");
  std::set<std::string> numbers;
  std::istringstream lines(TextOf("docs/contract.md"));
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, heading)) {
      section = match[1];
      numbers.insert(section);
    } else if (std::regex_match(line, match, point)) {
      numbers.insert(section + "." + match[1].str());
    }
  }
  return numbers;
}

TEST(Contract, HasWhatIsCited) {
  const std::set<std::string> known = ContractNumbers();
  EXPECT_THAT(known, testing::IsSupersetOf({"1", "3.1", "5.4", "6.5", "13.1", "14"}));
  // A citation may go over the end of a comment's line, and name several: "SPEC 3.1 to 3.3",
  // "SPEC 3.3, 8".
  const std::string word =
      "SP"
      "EC";  // in two parts, so that this file cites nothing
  const std::string one = "[0-9]+(?:\\.[0-9]+)?";
  const std::regex citation("\\b" + word + "(?:[\\s/#]+(?:sections?\\s+)?(" + one +
                            "(?:(?:,|\\s+and|\\s+to)\\s+" + one + ")*)|(?!\\w))");
  const std::regex number(one);
  std::vector<std::string> findings;
  size_t citations = 0;
  for (const SourceFile& file : Tree()) {
    if (!file.IsCpp() && !file.path.ends_with(".md") && file.FileName() != "CMakeLists.txt")
      continue;
    for (std::sregex_iterator at(file.text.begin(), file.text.end(), citation), end; at != end;
         ++at) {
      ++citations;
      const std::string cited = (*at)[1];
      if (cited.empty()) findings.push_back(file.path + ": a citation without a section's number");
      for (std::sregex_iterator n(cited.begin(), cited.end(), number); n != end; ++n) {
        if (!known.contains(n->str()))
          findings.push_back(file.path + ": no section " + n->str() + " in the contract");
      }
    }
  }
  EXPECT_GT(citations, 100U);
  EXPECT_THAT(findings, IsEmpty());
}

// The lines of the contract on what is told to ticket systems, without their ends of lines.
std::vector<std::string> SinkLines() {
  std::istringstream lines(TextOf("docs/contract.md"));
  std::vector<std::string> found;
  bool within = false;
  bool begun = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "### The key, and the reference") within = true;
    if (line == "### Seen here") within = false;
    begun = begun && line.starts_with("  ");
    if (within && line.starts_with("- ")) {
      found.push_back(line.substr(2));
      begun = true;
    } else if (within && begun) {
      found.back() += line.substr(1);
    }
  }
  return found;
}

// Every line has a row there, by its first words, with the tests that hold it; and these exist.
TEST(Sinks, EachLineOfTheContractHasItsTests) {
  const std::regex test("\nTEST(?:_F|_P)?\\((\\w+),\\s*(\\w+)\\)");
  std::set<std::string> tests;
  for (const SourceFile& file : Tree()) {
    if (!file.IsIn("tests/") || !file.IsCpp()) continue;
    for (std::sregex_iterator at(file.text.begin(), file.text.end(), test), end; at != end; ++at) {
      tests.insert((*at)[1].str() + "." + (*at)[2].str());
    }
  }
  const std::vector<std::string> lines = SinkLines();
  EXPECT_GT(lines.size(), 20U);
  std::set<std::string> held;
  std::vector<std::string> findings;
  const std::string readme = TextOf("daemon/sinks/README.md");
  const std::regex row("\\n\\| (.+) … \\| ([^\n]+) \\|");
  for (std::sregex_iterator at(readme.begin(), readme.end(), row), end; at != end; ++at) {
    const std::string words = (*at)[1];
    const auto line = std::find_if(lines.begin(), lines.end(), [&words](const std::string& each) {
      return each.starts_with(words);
    });
    if (line == lines.end()) findings.push_back("no line of the contract: " + words);
    if (line != lines.end()) held.insert(*line);
    const std::set<std::string> named = Matches((*at)[2].str(), "`([^`]+)`");
    if (named.empty()) findings.push_back("no test: " + words);
    for (const std::string& name : named) {
      if (!tests.contains(name)) findings.push_back("no such test: " + name);
    }
  }
  for (const std::string& line : lines) {
    if (!held.contains(line)) findings.push_back("no row: " + line.substr(0, 60));
  }
  EXPECT_THAT(findings, IsEmpty());
}

TEST(Documents, Exist) {
  for (const char* path : {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md",
                           "LICENSE", "docs/contract.md", ".ci/run", "dev"}) {
    EXPECT_THAT(TextOf(path), Not(IsEmpty())) << path;
  }
}

}  // namespace documents_test
}  // namespace signinwatch::house
