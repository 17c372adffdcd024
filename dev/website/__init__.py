"""The machinery of the site: what `dev/site.py` runs, an idea a file.

    languages   the two languages, their pages and their order
    pages       sources to pages, and links between them, to files of the repository and to pictures
    chapters    an executed notebook to a page
    reference   the API reference's pages, one for each package
    curve       the home page's picture, drawn from the table of figures
    formulas    formulas of built pages to MathML
    links       every internal link of the built site, and every relative link of the repository's Markdown
    build       the parts in order, and the generator

It leaves out running the notebooks, which `dev/course.py` does.
"""
