#include <cstdio>

int main() {
    std::puts("rowmill");
    return 0;
}
