# `cmake --install` and `find_package(interject)`: the rooms an embedder needs, as one target interject::actors.
