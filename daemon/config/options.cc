#include "daemon/config/options.h"

#include <utility>

#include "daemon/config/options_detection.h"
#include "daemon/config/options_exceptions.h"
#include "daemon/config/options_serve.h"

namespace signinwatch::config {
namespace {

std::vector<Section> MakeSections() {
  std::vector<Section> sections = DetectionSections();
  for (Section& section : ServeSections()) sections.push_back(std::move(section));
  return sections;
}

}  // namespace

const std::vector<Section>& ConfigSections() {
  static const std::vector<Section> sections = MakeSections();
  return sections;
}

}  // namespace signinwatch::config
