#include "daemon/http/page/page_parameters.h"

#include <algorithm>

#include "daemon/http/page/layout.h"

namespace signinwatch::http {
namespace {

constexpr size_t kValueBytesMax = 1'024;
constexpr size_t kProblemsMax = 20;

}  // namespace

std::vector<ParameterProblem> ReadPageParameters(
    const HttpRequest& request,
    const std::vector<std::pair<std::string, std::string*>>& parameters) {
  std::vector<ParameterProblem> problems;
  std::vector<std::string> names;
  for (const auto& [name, value] : parameters) names.push_back(name);
  for (const auto& [name, value] : request.parameters) {
    if (problems.size() == kProblemsMax) return problems;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      problems.push_back({name.substr(0, kValueBytesMax), "no such parameter", names});
    }
  }
  for (const auto& [name, value] : parameters) {
    const auto found = request.parameters.find(name);
    if (found == request.parameters.end() || found->second.empty()) {
      problems.push_back({name, "has to be given", {}});
    } else if (request.parameters.count(name) > 1) {
      problems.push_back({name, "given more than once", {}});
    } else if (found->second.size() > kValueBytesMax) {
      problems.push_back({name, "is too long", {}});
    } else {
      *value = found->second;
    }
  }
  return problems;
}

Html ProblemsHtml(const std::vector<ParameterProblem>& problems) {
  Html items;
  for (const ParameterProblem& problem : problems) {
    items.Add("<li class=\"bad\"><b>{}</b> {}</li>\n", problem.parameter, problem.detail);
  }
  return Html().Add("<ul class=\"health\">\n{}</ul>\n", items);
}

HttpReply ProblemsPage(const std::string& title, const std::vector<ParameterProblem>& problems) {
  Html main;
  main.Add("<section>\n<h1>{}</h1>\n{}</section>\n", title, ProblemsHtml(problems));
  return PageReply(title + " - signinwatch", "/tickets", main, 400);
}

}  // namespace signinwatch::http
