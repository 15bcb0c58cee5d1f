#include "daemon/config/config_text.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/config/quantities.h"
#include "parser/utf8.h"

namespace signinwatch::config {
namespace {

constexpr size_t kFileBytesMax = size_t{1} << 20;

// The first byte that a configuration may not have: not UTF-8, or a control character. yaml-cpp
// checks neither, and takes 0x04 for the end of the text. size() when there is none.
size_t FirstBadByte(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = NextUtf8(text.substr(at));
    const auto byte = static_cast<unsigned char>(text[at]);
    if (!step.valid) return at;
    if (byte == 0x7f || (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r')) return at;
    at += step.size;
  }
  return text.size();
}

ConfigMistake MistakeAt(std::string_view text, size_t at, std::string what) {
  ConfigMistake mistake{.line = 1, .column = 1, .text = std::move(what)};
  for (const char c : text.substr(0, at)) {
    ++mistake.column;
    if (c == '\n') {
      ++mistake.line;
      mistake.column = 1;
    }
  }
  return mistake;
}

std::vector<ConfigMistake> ReadChecked(std::string_view text, const ConfigTextReader& read) {
  if (text.size() > kFileBytesMax) {
    return {{.text = "the file is too large, allowed: up to " +
                     FormatSize(static_cast<int64_t>(kFileBytesMax))}};
  }
  if (const size_t at = FirstBadByte(text); at < text.size()) {
    return {
        MistakeAt(text, at, "a byte that is not text, allowed: UTF-8 without control characters")};
  }
  return read(text);
}

// As much of the file as tells whether it is too large; nullopt: *error says why.
std::optional<std::string> ReadFile(const std::string& path, std::string* error) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (file == nullptr) {
    *error = std::strerror(errno);
    return std::nullopt;
  }
  std::string text(kFileBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    *error = std::strerror(errno);
    return std::nullopt;
  }
  return text;
}

}  // namespace

std::vector<std::string> ReadConfigText(std::string_view text, const std::string& name,
                                        const ConfigTextReader& read) {
  std::vector<std::string> errors;
  for (const ConfigMistake& mistake : ReadChecked(text, read)) {
    errors.push_back(PlacedText(name, mistake));
  }
  if (errors.size() == kMistakesMax) {
    errors.push_back(name + ": no more than these mistakes are looked for");
  }
  return errors;
}

std::string PlacedText(const std::string& name, const ConfigMistake& mistake) {
  return name + ":" + std::to_string(mistake.line) + ":" + std::to_string(mistake.column) + ": " +
         mistake.text;
}

std::vector<std::string> ReadConfigFile(const std::string& path, const ConfigTextReader& read) {
  std::string error;
  const auto text = ReadFile(path, &error);
  if (!text) return {path + ": " + error};
  return ReadConfigText(*text, path, read);
}

}  // namespace signinwatch::config
