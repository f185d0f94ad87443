// render_page FILE: writes the report page of a result file to standard output.
#include <fstream>
#include <iostream>
#include <sstream>

#include "reports/page.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "use: render_page result.json > page.html\n";
    return 2;
  }
  std::ifstream file(argv[1]);
  if (!file) {
    std::cerr << argv[1] << ": cannot be read\n";
    return 1;
  }
  std::ostringstream text;
  text << file.rdbuf();
  std::cout << octet::reports::render_page(text.str());
  return std::cout.good() ? 0 : 1;
}
