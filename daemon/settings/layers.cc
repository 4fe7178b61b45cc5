#include "settings/layers.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "settings/document.h"
#include "settings/read_file.h"

namespace mailchute {

namespace {

/// A Null when the text is no map.
Node read_text(const std::string& path, std::string text, Report& report) {
  const int source = report.add({path, std::move(text), SourceText::Kind::File});
  Node root = read_document(source, report);
  if (root.kind == Node::Kind::Map || root.kind == Node::Kind::Null) return root;
  if (root.kind != Node::Kind::Hole)
    report.error(root.where, "a configuration is a map of keys", "write key: value");
  return {};
}

/// A Null when the file cannot be read, too.
Node read_layer(const std::string& path, Report& report) {
  auto file = read_small_file(path, kConfigurationBytes);
  if (file) return read_text(path, std::move(file->bytes), report);
  report.error_about(path, file.error().text);
  return {};
}

}  // namespace

Node read_files(const std::string& path, const std::optional<std::string>& text, Report& report) {
  Node tree = text ? read_text(path, *text, report) : read_layer(path, report);
  const auto folder = std::filesystem::path(path).parent_path() / "conf.d";
  for (const auto& fragment : yaml_files(folder.string(), report))
    overlay(tree, read_layer(fragment, report));
  return tree;
}

std::vector<std::string> yaml_files(const std::string& folder, Report& report) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (name.starts_with('.')) continue;
    if (name.ends_with(".yaml")) paths.push_back(entry->path().string());
    if (name.ends_with(".yml"))
      report.warning_about(entry->path().string(), "this file is not read", "name it .yaml if it should be");
    if (paths.size() > kFolderFiles) break;
  }
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    report.error_about(folder, "cannot read the folder: " + error.message());
  if (paths.size() > kFolderFiles) {
    report.error_about(folder, "more than " + std::to_string(kFolderFiles) + " files are in this folder");
    paths.clear();
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace mailchute
