#include "tests/house/tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace signinwatch::house {
namespace {

namespace fs = std::filesystem;

// What the .gitignore leaves out.
bool IsSkipped(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == ".git" || name == "build" || name == ".cache" || name.ends_with(".profraw");
}

std::string Read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<SourceFile> ReadTree() {
  const fs::path root = SIGNINWATCH_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (auto at = fs::recursive_directory_iterator(root); at != fs::end(at); ++at) {
    if (IsSkipped(at->path())) {
      if (at->is_directory()) at.disable_recursion_pending();
    } else if (at->is_regular_file()) {
      files.push_back(
          {.path = fs::relative(at->path(), root).generic_string(), .text = Read(at->path())});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace

bool SourceFile::IsIn(std::string_view folder) const { return path.starts_with(folder); }

std::string_view SourceFile::FileName() const {
  return std::string_view(path).substr(path.find_last_of('/') + 1);
}

std::vector<std::string> SourceFile::Lines() const {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> SourceFile::Includes() const {
  constexpr std::string_view kInclude = "#include ";
  std::vector<std::string> includes;
  for (const std::string& line : Lines()) {
    if (!line.starts_with(kInclude) || line.size() < kInclude.size() + 2) continue;
    const size_t begin = kInclude.size() + 1;
    includes.push_back(line.substr(begin, line.find_first_of(">\"", begin) - begin));
  }
  return includes;
}

const std::vector<SourceFile>& Tree() {
  static const std::vector<SourceFile> tree = ReadTree();
  return tree;
}

std::string TextOf(std::string_view path) {
  for (const SourceFile& file : Tree()) {
    if (file.path == path) return file.text;
  }
  return {};
}

std::set<std::string> Folders() {
  std::set<std::string> folders;
  for (const SourceFile& file : Tree()) {
    const size_t first = file.path.find('/');
    if (first == std::string::npos) continue;
    const size_t second = file.path.find('/', first + 1);
    folders.insert(file.path.substr(0, second == std::string::npos ? first : second));
  }
  return folders;
}

}  // namespace signinwatch::house
